/* SPDX-License-Identifier: BSD-2-Clause */
/* Floating point: bodies that attract each other, and a fractal. */
#include "bench.h"
#include <math.h>

#define BODIES 5

struct body {
    double x[3], v[3], mass;
};

static void advance(struct body bodies[BODIES], double dt)
{
    for (int i = 0; i < BODIES; i++) {
        for (int k = i + 1; k < BODIES; k++) {
            double d[3], square = 0, magnitude;
            for (int a = 0; a < 3; a++) {
                d[a] = bodies[i].x[a] - bodies[k].x[a];
                square += d[a] * d[a];
            }
            magnitude = dt / (square * sqrt(square));
            for (int a = 0; a < 3; a++) {
                bodies[i].v[a] -= d[a] * bodies[k].mass * magnitude;
                bodies[k].v[a] += d[a] * bodies[i].mass * magnitude;
            }
        }
    }
    for (int i = 0; i < BODIES; i++)
        for (int a = 0; a < 3; a++)
            bodies[i].x[a] += dt * bodies[i].v[a];
}

static double nbody(uint32_t seed)
{
    struct body bodies[BODIES];
    double energy = 0;

    for (int i = 0; i < BODIES; i++) {
        for (int a = 0; a < 3; a++) {
            bodies[i].x[a] = (double)(next_random(&seed) >> 8) / 1e6 * (a + 1);
            bodies[i].v[a] = (double)(next_random(&seed) >> 8) / 1e8;
        }
        bodies[i].mass = 1.0 + i;
    }
    for (int i = 0; i < 3000; i++)
        advance(bodies, 0.01);
    for (int i = 0; i < BODIES; i++)
        for (int a = 0; a < 3; a++)
            energy += bodies[i].mass * bodies[i].v[a] * bodies[i].v[a] / 2;
    return energy;
}

static uint32_t mandelbrot(uint32_t round)
{
    uint32_t inside = 0;

    for (int row = 0; row < 48; row++) {
        for (int column = 0; column < 64; column++) {
            float cx = (float)column / 24 - 2 + (float)round / 1000, cy = (float)row / 20 - 1.2f, x = 0, y = 0;
            int steps = 0;
            while (steps < 200 && x * x + y * y < 4) {
                float next = x * x - y * y + cx;
                y = 2 * x * y + cy;
                x = next;
                steps++;
            }
            inside += (uint32_t)steps;
        }
    }
    return inside;
}

uint32_t work(uint32_t round)
{
    return (uint32_t)(int64_t)(nbody(round + 1) * 1000) + mandelbrot(round);
}
