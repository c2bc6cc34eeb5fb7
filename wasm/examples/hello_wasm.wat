;; The smallest sandbox: what it can do outside is host_print, if that is granted.
(module $hello_wasm
  (import "env" "host_print" (func $host_print (param i32 i32)))
  (memory (export "memory") 1 64)
  (data (i32.const 1024) "Hello from the Wasm Sandbox!\n")
  (data (i32.const 2048) "add, hello, print, deep, spin, grow and memory are what this module exports; host_print is all that it imports, and the serial line is what stands behind it, if that is granted. Nothing else is outside")

  (func (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))

  (func $hello (export "hello")
    (call $host_print (i32.const 1024) (i32.const 29)))
  (func (export "_start") (call $hello))

  ;; Whatever place the caller names: outside the memory it is a trap.
  (func (export "print") (param $pointer i32) (param $length i32)
    (call $host_print (local.get $pointer) (local.get $length)))

  ;; 1 + 1 + ... n times, a call each: the stack has an end, which is a trap.
  (func $deep (export "deep") (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 0))
      (else (i32.add (call $deep (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))))

  ;; Never ends by itself.
  (func (export "spin") (loop $again (br $again)))

  ;; 64 KiB more: the pages before, or -1.
  (func (export "grow") (param $pages i32) (result i32)
    (memory.grow (local.get $pages))))
