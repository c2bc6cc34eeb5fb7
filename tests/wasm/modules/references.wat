;; SPDX-License-Identifier: BSD-2-Clause
;; References and tables.
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (import "env" "g" (global $g i32))
  (import "env" "t" (table $imported 2 funcref))
  (table $own (export "own") 3 10 externref)
  (elem $passive func $f $local)
  (elem declare func $local)
  (func $local (param i32) (result i32) (call $f (i32.add (local.get 0) (global.get $g))))
  (func (export "set") (param externref i32) (table.set $own (local.get 1) (local.get 0)))
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $own (local.get 0))))
  (func (export "grow") (param i32) (result i32) (table.grow $own (ref.null extern) (local.get 0)) )
  (func (export "fill") (param i32 i32) (table.fill $own (local.get 0) (ref.null extern) (local.get 1)))
  (func (export "init") (param i32)
    (table.init $imported $passive (i32.const 0) (i32.const 0) (local.get 0)) (elem.drop $passive))
  (func (export "call") (param i32) (result i32) (call_indirect $imported (param i32) (result i32) (i32.const 4) (local.get 0)))
  (func (export "function") (result funcref) (ref.func $local)))
