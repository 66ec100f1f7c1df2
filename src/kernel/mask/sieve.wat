;; Looks through a chunk of ASCII text for the few places where a secret may stand, at the speed of
;; memory. It may name too many places, never too few: finder.ts and colour.ts look at each again.
;;
;; Memory: a byte for each hash of three characters; a byte for each pair of characters; the list of the
;; escape characters, four bytes each; then the chunk, and 96 zeros, none of which is an escape character
;; or in a code.
(module
  (memory (export "memory") 7)

  ;; The first of the addresses $at, $at + $step, … at which three characters of a secret may stand, or
  ;; $end.
  (func (export "triple") (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $last i32)
    (local.set $last (i32.sub (local.get $end) (i32.const 3)))
    (loop $more
      (if (i32.gt_s (local.get $at) (local.get $last)) (then (return (local.get $end))))
      (if (i32.load8_u
            (i32.shr_u
              (i32.mul
                (i32.and (i32.load align=1 (local.get $at)) (i32.const 0xffffff))
                (i32.const 0x9e3779b1))
              (i32.const 16)))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (local.get $step)))
      (br $more))
    (unreachable))

  ;; Where the list goes on, and where it ends.
  (global $next (mut i32) (i32.const 0))
  (global $last (mut i32) (i32.const 0))

  ;; Lists the escape characters of the chunk with a character of $least or above before them, as the
  ;; addresses of that character. Nothing here depends on what a single place holds, because a wrong
  ;; guess of the processor would take longer than all the rest: four are written at a time, and those
  ;; that are none are written over.
  (func (export "list") (param $at i32) (param $end i32) (param $least i32)
    (local $to i32) (local $more i32) (local $found i64) (local $escapes v128) (local $leasts v128)
    (local.set $to (i32.const 81920))
    (global.set $next (local.get $to))
    (local.set $escapes (i8x16.splat (i32.const 0x1b)))
    (local.set $leasts (i8x16.splat (local.get $least)))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $found
          (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (v128.and
                (i8x16.ge_u (v128.load align=1 (local.get $at)) (local.get $leasts))
                (i8x16.eq (v128.load offset=1 align=1 (local.get $at)) (local.get $escapes)))))
              (i64.shl
              (i64.extend_i32_u (i8x16.bitmask (v128.and
                (i8x16.ge_u (v128.load offset=16 align=1 (local.get $at)) (local.get $leasts))
                (i8x16.eq (v128.load offset=17 align=1 (local.get $at)) (local.get $escapes)))))
              (i64.const 16)))
            (i64.or
              (i64.shl
              (i64.extend_i32_u (i8x16.bitmask (v128.and
                (i8x16.ge_u (v128.load offset=32 align=1 (local.get $at)) (local.get $leasts))
                (i8x16.eq (v128.load offset=33 align=1 (local.get $at)) (local.get $escapes)))))
              (i64.const 32))
              (i64.shl
              (i64.extend_i32_u (i8x16.bitmask (v128.and
                (i8x16.ge_u (v128.load offset=48 align=1 (local.get $at)) (local.get $leasts))
                (i8x16.eq (v128.load offset=49 align=1 (local.get $at)) (local.get $escapes)))))
              (i64.const 48)))))
        (if (i64.ne (local.get $found) (i64.const 0)) (then
          (local.set $more
            (i32.add (local.get $to)
              (i32.shl (i32.wrap_i64 (i64.popcnt (local.get $found))) (i32.const 2))))
          (loop $four
            (i32.store (local.get $to)
              (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $found)))))
            (local.set $found
              (i64.and (local.get $found) (i64.sub (local.get $found) (i64.const 1))))
            (i32.store offset=4 (local.get $to)
              (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $found)))))
            (local.set $found
              (i64.and (local.get $found) (i64.sub (local.get $found) (i64.const 1))))
            (i32.store offset=8 (local.get $to)
              (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $found)))))
            (local.set $found
              (i64.and (local.get $found) (i64.sub (local.get $found) (i64.const 1))))
            (i32.store offset=12 (local.get $to)
              (i32.add (local.get $at) (i32.wrap_i64 (i64.ctz (local.get $found)))))
            (local.set $found
              (i64.and (local.get $found) (i64.sub (local.get $found) (i64.const 1))))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br_if $four (i32.lt_u (local.get $to) (local.get $more))))
          (local.set $to (local.get $more))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $blocks)))
    (global.set $last (local.get $to)))

  ;; Where the colour code that begins at $at ends: $at itself when there is none, 0 when it is a link or
  ;; a title.
  (func $code (param $at i32) (result i32)
    (local $end i32) (local $others i32)
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x1b)) (then (return (local.get $at))))
    (if (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 0x5d)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u offset=1 (local.get $at)) (i32.const 0x5b))
      (then (return (local.get $at))))
    (local.set $end (i32.add (local.get $at) (i32.const 2)))
    ;; Over digits ; : ? as many as there are.
    (loop $parameters
      (local.set $others
        (i32.xor
          (i8x16.bitmask
            (i8x16.eq
              (v128.and (v128.load align=1 (local.get $end)) (i8x16.splat (i32.const 0xf0)))
              (i8x16.splat (i32.const 0x30))))
          (i32.const 0xffff)))
      (if (i32.eqz (local.get $others))
        (then
          (local.set $end (i32.add (local.get $end) (i32.const 16)))
          (br $parameters))))
    (local.set $end (i32.add (local.get $end) (i32.ctz (local.get $others))))
    (select
      (local.get $at)
      (i32.add (local.get $end) (i32.const 1))
      (i32.ge_u
        (i32.sub (i32.or (i32.load8_u (local.get $end)) (i32.const 0x20)) (i32.const 0x61))
        (i32.const 26))))

  ;; Whether a colour code ends at $end.
  (func $ends (param $end i32) (result i32)
    (local $at i32)
    (local.set $at (i32.sub (local.get $end) (i32.const 1)))
    (loop $parameters
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $parameters
        (i32.eq (i32.and (i32.load8_u (local.get $at)) (i32.const 0xf0)) (i32.const 0x30))))
    (local.set $at (i32.sub (local.get $at) (i32.const 1)))
    (i32.eq (call $code (local.get $at)) (local.get $end)))

  ;; The next escape character of the list from $at on that stands between two neighbours of a secret, or
  ;; begins a link or a title behind a character of one; $end if there is none. A pair with an escape
  ;; character as its second is marked when the first is a character of a secret.
  (func (export "split") (param $at i32) (param $end i32) (result i32)
    (local $next i32) (local $last i32) (local $place i32) (local $row i32) (local $word i32)
    (local $escape i32) (local $after i32) (local $code i32)
    (local.set $next (global.get $next))
    (local.set $last (global.get $last))
    (block $none
      (loop $skip
        (br_if $none (i32.ge_u (local.get $next) (local.get $last)))
        (if (i32.lt_u (i32.load (local.get $next)) (i32.sub (local.get $at) (i32.const 1)))
          (then
            (local.set $next (i32.add (local.get $next) (i32.const 4)))
            (br $skip))))
      (loop $more
        (br_if $none (i32.ge_u (local.get $next) (local.get $last)))
        (local.set $place (i32.load (local.get $next)))
        (local.set $next (i32.add (local.get $next) (i32.const 4)))
        (local.set $row (i32.shl (i32.load8_u (local.get $place)) (i32.const 7)))
        (local.set $word (i32.load offset=2 align=1 (local.get $place)))
        ;; Nearly all are of two digits, such as ESC [ 3 9 m, or of one.
        (if (i32.eq (i32.and (local.get $word) (i32.const 0xfff0f0ff)) (i32.const 0x6d30305b))
          (then
            (br_if $more (i32.eqz
              (i32.load8_u offset=65536
                (i32.or (local.get $row) (i32.load8_u offset=6 (local.get $place))))))))
        (if (i32.eq (i32.and (local.get $word) (i32.const 0xfff0ff)) (i32.const 0x6d305b))
          (then
            (br_if $more (i32.eqz
              (i32.load8_u offset=65536
                (i32.or (local.get $row) (i32.load8_u offset=5 (local.get $place))))))))
        (br_if $more (i32.eqz
          (i32.load8_u offset=65536 (i32.or (local.get $row) (i32.const 0x1b)))))
        (local.set $escape (i32.add (local.get $place) (i32.const 1)))
        ;; Codes in a row count as one, which begins at the first.
        (local.set $code (local.get $escape))
        (loop $codes
          (local.set $after (local.get $code))
          (local.set $code (call $code (local.get $after)))
          (br_if $codes
            (i32.and
              (i32.ne (local.get $code) (i32.const 0))
              (i32.ne (local.get $code) (local.get $after)))))
        (if (local.get $code)
          (then
            (br_if $more (i32.eq (local.get $after) (local.get $escape)))
            (br_if $more (i32.eqz
              (i32.and
                (i32.load8_u offset=65536
                  (i32.or (local.get $row) (i32.load8_u (local.get $after))))
                (i32.const 1))))))
        (br_if $more (call $ends (local.get $escape)))
        (global.set $next (local.get $next))
        (return (local.get $escape))))
    (global.set $next (local.get $next))
    (local.get $end)))
