/* SPDX-License-Identifier: BSD-2-Clause */
/* LINK: kernel/core/tree.c */
#include "../host/tree_check.h"
#include "proof.h"

#define STEPS 8
#define KEYS  4

struct item {
    uint32_t key;
    struct tree_node node;
};

TREE_DEFINE(items, struct item, node, uint32_t, key)

struct model {
    struct item *sorted[STEPS];
    unsigned count;
};

static void model_insert(struct model *model, struct item *item)
{
    unsigned at = model->count++;

    for (; at > 0 && model->sorted[at - 1]->key > item->key; at--)
        model->sorted[at] = model->sorted[at - 1];
    model->sorted[at] = item;
}

static void model_remove(struct model *model, unsigned at)
{
    model->count--;
    for (; at < model->count; at++)
        model->sorted[at] = model->sorted[at + 1];
}

static void compare(const struct tree *tree, const struct model *model)
{
    struct item *item = items_first(tree);

    PROVE(tree_valid(tree));
    for (unsigned i = 0; i < model->count; i++) {
        PROVE(item == model->sorted[i]);
        item = items_next(item);
    }
    PROVE(item == NULL);
}

static void tree_is_the_models_sorted_array(void)
{
    struct tree tree = {0};
    struct item items[STEPS];
    struct model model = {.count = 0};

    for (unsigned i = 0; i < STEPS; i++) {
        uint32_t choice = proof_choose(KEYS + model.count);
        if (choice < KEYS) {
            items[i].key = choice;
            items_insert(&tree, &items[i]);
            model_insert(&model, &items[i]);
        } else {
            tree_remove(&tree, &model.sorted[choice - KEYS]->node);
            model_remove(&model, choice - KEYS);
        }
        compare(&tree, &model);
    }
}

const struct proof proofs[] = {
    {"tree: valid and in the model's order after all sequences of eight operations", tree_is_the_models_sorted_array},
    {NULL, NULL},
};
