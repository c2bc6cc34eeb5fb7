;; SPDX-License-Identifier: BSD-2-Clause
;; Arithmetic of all four types, conversions, comparisons.
(module
  (func (export "integers") (param i32 i32) (result i32)
    (i32.add (i32.mul (local.get 0) (i32.const 31)) (i32.rotl (local.get 1) (i32.and (local.get 0) (i32.const 7)))))
  (func (export "divide") (param i32 i32) (result i32 i32)
    (i32.div_s (local.get 0) (local.get 1)) (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "long") (param i64) (result i64)
    (i64.xor (i64.popcnt (local.get 0)) (i64.extend8_s (i64.shr_u (local.get 0) (i64.const 3)))))
  (func (export "floats") (param f32 f64) (result f64)
    (f64.sqrt (f64.add (f64.promote_f32 (f32.min (local.get 0) (f32.const 2.5))) (f64.copysign (local.get 1) (f64.const -0)))))
  (func (export "convert") (param f64) (result i32)
    (i32.trunc_f64_s (local.get 0)))
  (func (export "saturate") (param f32) (result i64)
    (i64.trunc_sat_f32_u (local.get 0)))
  (func (export "bits") (param f32) (result i32)
    (i32.reinterpret_f32 (f32.nearest (local.get 0)))))
