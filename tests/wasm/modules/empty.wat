;; SPDX-License-Identifier: BSD-2-Clause
;; The smallest program: what it costs is what starting costs.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
