;; SPDX-License-Identifier: BSD-2-Clause
;; SIMD: lanes, arithmetic, comparisons, shuffles, memory.
(module
  (memory 1)
  (func (export "add") (param i32 i32) (result i32)
    (i32x4.extract_lane 2 (i32x4.add (i32x4.splat (local.get 0)) (i32x4.mul (i32x4.splat (local.get 1)) (v128.const i32x4 1 2 3 4)))))
  (func (export "shuffle") (param i64) (result i64)
    (i64x2.extract_lane 0 (i8x16.shuffle 15 14 13 12 11 10 9 8 16 17 18 19 20 21 22 23
      (i64x2.splat (local.get 0)) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))))
  (func (export "memory") (param i32) (result i32)
    (v128.store (local.get 0) (f32x4.sqrt (f32x4.convert_i32x4_s (v128.const i32x4 4 9 16 25))))
    (i32x4.extract_lane 1 (i32x4.trunc_sat_f32x4_s (v128.load (local.get 0)))))
  (func (export "mask") (param i32) (result i32)
    (i8x16.bitmask (i8x16.gt_s (i8x16.splat (local.get 0)) (v128.load8_splat (i32.const 3)))))
  (func (export "saturate") (param i32) (result i32)
    (i16x8.extract_lane_s 1 (i16x8.add_sat_s (i16x8.splat (local.get 0)) (v128.bitselect (v128.const i16x8 1 1 1 1 1 1 1 1)
      (v128.const i16x8 2 2 2 2 2 2 2 2) (v128.const i64x2 -1 0))))))
