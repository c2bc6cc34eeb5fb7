/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: kernel/core/tree.c */
#include "host_test.h"

#include "tree_check.h"

struct item {
    uint32_t key;
    uint32_t serial; /* Order of insertion, among equal keys. */
    struct tree_node node;
};

TREE_DEFINE(items, struct item, node, uint32_t, key)

#define ITEMS 400

/* The naive model: an array sorted by (key, insertion). */
struct model {
    struct item *sorted[ITEMS];
    size_t count;
};

static void model_insert(struct model *model, struct item *item)
{
    size_t at = model->count++;

    for (; at > 0 && model->sorted[at - 1]->key > item->key; at--)
        model->sorted[at] = model->sorted[at - 1];
    model->sorted[at] = item;
}

static void model_remove(struct model *model, const struct item *item)
{
    size_t at = 0;

    while (model->sorted[at] != item)
        at++;
    model->count--;
    memmove(&model->sorted[at], &model->sorted[at + 1], (model->count - at) * sizeof model->sorted[0]);
}

static void compare_walks(const struct tree *tree, const struct model *model)
{
    struct item *at = items_first(tree);

    for (size_t i = 0; i < model->count; i++) {
        assert_ptr_equal(at, model->sorted[i]);
        at = items_next(at);
    }
    assert_null(at);
    assert_int_equal(tree->root == NULL, model->count == 0);
}

static void compare_searches(const struct tree *tree, const struct model *model, uint32_t key)
{
    struct item *lower = NULL, *floor = NULL, *found = NULL;

    for (size_t i = model->count; i-- > 0;) {
        if (model->sorted[i]->key >= key)
            lower = model->sorted[i];
        if (model->sorted[i]->key <= key && floor == NULL)
            floor = model->sorted[i];
    }
    if (lower != NULL && lower->key == key)
        found = lower;
    assert_ptr_equal(items_lower_bound(tree, key), lower);
    assert_ptr_equal(items_floor(tree, key), floor);
    assert_ptr_equal(items_find(tree, key), found);
}

static size_t depth(const struct tree_node *node)
{
    if (node == NULL)
        return 0;
    size_t left = depth(node->child[TREE_LEFT]), right = depth(node->child[TREE_RIGHT]);
    return 1 + (left > right ? left : right);
}

static void an_empty_tree_has_nothing(void **state)
{
    struct tree tree = {0};
    (void)state;

    assert_null(tree.root);
    assert_null(items_first(&tree));
    assert_null(items_find(&tree, 0));
    assert_null(items_lower_bound(&tree, 0));
    assert_null(items_floor(&tree, UINT32_MAX));
    assert_true(tree_valid(&tree));
}

static void one_item_comes_and_goes(void **state)
{
    struct tree tree = {0};
    struct item item = {.key = 7};
    (void)state;

    items_insert(&tree, &item);
    assert_ptr_equal(items_find(&tree, 7), &item);
    assert_null(items_next(&item));
    tree_remove(&tree, &item.node);
    assert_null(tree.root);
}

static void equal_keys_keep_the_order_of_insertion(void **state)
{
    struct tree tree = {0};
    struct item items[20];
    (void)state;

    for (uint32_t i = 0; i < 20; i++) {
        items[i] = (struct item){.key = 5, .serial = i};
        items_insert(&tree, &items[i]);
    }
    struct item *at = items_first(&tree);
    for (uint32_t i = 0; i < 20; i++, at = items_next(at))
        assert_int_equal(at->serial, i);
    assert_ptr_equal(items_find(&tree, 5), &items[0]);
    assert_ptr_equal(items_floor(&tree, 5), &items[19]);
}

static void ascending_and_descending_inserts_stay_balanced(void **state)
{
    static struct item items[4096];
    (void)state;

    for (int descending = 0; descending <= 1; descending++) {
        struct tree tree = {0};
        for (uint32_t i = 0; i < 4096; i++) {
            items[i].key = descending ? 4096 - i : i;
            items_insert(&tree, &items[i]);
        }
        assert_true(tree_valid(&tree));
        assert_true(depth(tree.root) <= 24); /* 2 log2(4097) */
    }
}

/* The smallest trees in all orders of insertion and removal: every shape of every case. */
static void every_order_of_six_inserts_and_removals_is_valid(void **state)
{
    struct item items[6];
    (void)state;

    for (unsigned order = 0; order < 720; order++) {
        unsigned permutation[6], code = order;
        for (unsigned i = 0; i < 6; i++) {
            permutation[i] = i;
            unsigned swap = i - code % (i + 1);
            code /= i + 1;
            permutation[i] = permutation[swap];
            permutation[swap] = i;
        }
        struct tree tree = {0};
        for (unsigned i = 0; i < 6; i++) {
            items[permutation[i]].key = permutation[i];
            items_insert(&tree, &items[permutation[i]]);
            assert_true(tree_valid(&tree));
        }
        for (unsigned i = 0; i < 6; i++) {
            tree_remove(&tree, &items[(permutation[i] + order) % 6].node);
            assert_true(tree_valid(&tree));
        }
        assert_null(tree.root);
    }
}

static void random_operations_agree_with_a_sorted_array(void **state)
{
    struct rng rng = rng_seeded(0x7ee);
    (void)state;

    for (unsigned round = 0; round < 30; round++) {
        static struct item items[ITEMS];
        bool present[ITEMS] = {false};
        struct tree tree = {0};
        struct model model = {.count = 0};
        uint32_t keys = (uint32_t)rng_below(&rng, 2) ? 40 : 100000;

        for (unsigned step = 0; step < 1500; step++) {
            size_t i = rng_below(&rng, ITEMS);
            if (present[i]) {
                tree_remove(&tree, &items[i].node);
                model_remove(&model, &items[i]);
            } else {
                items[i].key = (uint32_t)rng_below(&rng, keys);
                items_insert(&tree, &items[i]);
                model_insert(&model, &items[i]);
            }
            present[i] = !present[i];
            assert_true(tree_valid(&tree));
            compare_searches(&tree, &model, (uint32_t)rng_below(&rng, keys));
            if (step % 50 == 0)
                compare_walks(&tree, &model);
        }
        compare_walks(&tree, &model);
    }
}

/* The bit of parent_red. */
#define RED ((uintptr_t)1)

static void a_red_root_is_recognised(void **state)
{
    struct tree tree = {0};
    struct item item = {.key = 1};
    (void)state;

    items_insert(&tree, &item);
    assert_true(tree_valid(&tree));
    item.node.parent_red |= RED;
    assert_false(tree_valid(&tree));
}

/* Every node in turn gets the other colour, another parent or a circle; inner ones get a red child. */
static void broken_trees_are_recognised(void **state)
{
    struct item items[7];
    struct tree tree = {0};
    (void)state;

    for (uint32_t i = 0; i < 7; i++) {
        items[i].key = (uint32_t[]){4, 2, 6, 1, 3, 5, 7}[i];
        items_insert(&tree, &items[i]);
    }
    assert_true(tree_valid(&tree));
    for (unsigned i = 0; i < 7; i++) {
        struct tree_node saved = items[i].node;
        /* The leaves are red here, those between black: a changed colour breaks either rule. */
        items[i].node.parent_red ^= RED;
        assert_false(tree_valid(&tree));
        items[i].node.parent_red = (saved.parent_red & RED) | (uintptr_t)&items[(i + 1) % 7].node;
        assert_false(tree_valid(&tree));
        items[i].node = saved;
        items[i].node.child[TREE_RIGHT] = &items[i].node;
        assert_false(tree_valid(&tree));
        items[i].node = saved;
    }
    for (unsigned i = 1; i <= 2; i++) {
        for (int side = TREE_LEFT; side <= TREE_RIGHT; side++) {
            /* Red above a red leaf on one side; the other leaf is black, so that black depths agree there. */
            struct tree_node *leaf = items[i].node.child[side], *opposite = items[i].node.child[!side];
            items[i].node.parent_red |= RED;
            opposite->parent_red &= ~RED;
            items[3 - i].node.parent_red |= RED;
            items[3 - i].node.child[TREE_LEFT]->parent_red &= ~RED;
            items[3 - i].node.child[TREE_RIGHT]->parent_red &= ~RED;
            assert_false(tree_valid(&tree));
            leaf->parent_red &= ~RED;
            assert_true(tree_valid(&tree));
            items[i].node.parent_red &= ~RED;
            items[3 - i].node.parent_red &= ~RED;
            for (unsigned n = 3; n < 7; n++)
                items[n].node.parent_red |= RED;
        }
    }
    assert_true(tree_valid(&tree));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("tree: an empty tree has nothing", an_empty_tree_has_nothing),
        TEST("tree: one item comes and goes", one_item_comes_and_goes),
        TEST("tree: equal keys keep the order of insertion", equal_keys_keep_the_order_of_insertion),
        TEST("tree: ascending and descending inserts stay balanced", ascending_and_descending_inserts_stay_balanced),
        TEST("tree: every order of six inserts and removals is valid",
             every_order_of_six_inserts_and_removals_is_valid),
        TEST("tree: random operations agree with a sorted array", random_operations_agree_with_a_sorted_array),
        TEST("tree: a red root is recognised", a_red_root_is_recognised),
        TEST("tree: broken trees are recognised", broken_trees_are_recognised),
    };
    return RUN_TESTS(tests);
}
