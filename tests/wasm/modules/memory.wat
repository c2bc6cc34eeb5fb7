;; SPDX-License-Identifier: BSD-2-Clause
;; Memory: loads and stores of all widths, growing, bulk operations, segments.
(module
  (memory (export "memory") 1 3)
  (global $counter (export "counter") (mut i32) (i32.const 0))
  (data (i32.const 16) "Hello from the Wasm Sandbox!")
  (data $later "passive")
  (func (export "widths") (param i32) (result i64)
    (i32.store8 offset=3 (local.get 0) (i32.const 200))
    (i32.store16 (local.get 0) (i32.const -2))
    (i64.add (i64.load32_s (local.get 0)) (i64.extend_i32_s (i32.load8_s offset=3 (local.get 0)))))
  (func (export "grow") (param i32) (result i32 i32) (memory.grow (local.get 0)) (memory.size))
  (func (export "bulk") (param i32 i32) (result i32)
    (memory.fill (local.get 0) (i32.const 7) (i32.const 100))
    (memory.copy (local.get 1) (local.get 0) (i32.const 50))
    (memory.init $later (local.get 1) (i32.const 0) (i32.const 7))
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (i32.load (local.get 1)))
  (func (export "drop") (data.drop $later)))
