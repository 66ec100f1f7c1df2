;; Looks through a chunk of ASCII text for the few places where a secret may stand, at the speed of
;; memory. It may name too many places, never too few: finder.ts and colour.ts look at each again.
;;
;; Memory: a byte for each hash of three characters; a byte for each pair of characters; a byte for each
;; character; then the chunk, and 64 zeros, none of which is an escape character.
(module
  (memory (export "memory") 4)

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

  ;; Where the colour codes that begin at $at end: $at itself when there is none, 0 when there is a link
  ;; or a title among them.
  (func $codes (param $at i32) (result i32)
    (local $next i32)
    (loop $more
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x1b)) (then (return (local.get $at))))
      (if (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 0x5d)) (then (return (i32.const 0))))
      (if (i32.ne (i32.load8_u offset=1 (local.get $at)) (i32.const 0x5b))
        (then (return (local.get $at))))
      (local.set $next (i32.add (local.get $at) (i32.const 2)))
      (loop $parameters
        (if (i32.eq
              (i32.and (i32.load8_u (local.get $next)) (i32.const 0xf0))
              (i32.const 0x30))
          (then
            (local.set $next (i32.add (local.get $next) (i32.const 1)))
            (br $parameters))))
      (if (i32.ge_u
            (i32.sub
              (i32.or (i32.load8_u (local.get $next)) (i32.const 0x20))
              (i32.const 0x61))
            (i32.const 26))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $next) (i32.const 1)))
      (br $more))
    (unreachable))

  ;; The first escape character from $at on that stands between two neighbours of a secret, or begins a
  ;; link or a title behind a character of one; $end if there is none. $at itself has no character before.
  (func (export "split") (param $at i32) (param $end i32) (result i32)
    (local $block i32) (local $escapes i64) (local $escape i32) (local $after i32) (local $before i32)
    (local $escape16 v128)
    (local.set $escape16 (i8x16.splat (i32.const 0x1b)))
    (local.set $block (local.get $at))
    (local.set $after (i32.add (local.get $at) (i32.const 1)))
    (loop $blocks
      (if (i32.ge_u (local.get $block) (local.get $end)) (then (return (local.get $end))))
      (local.set $escapes
        (i64.or
          (i64.or
            (i64.extend_i32_u (i8x16.bitmask
              (i8x16.eq (v128.load align=1 (local.get $block)) (local.get $escape16))))
            (i64.shl
              (i64.extend_i32_u (i8x16.bitmask
                (i8x16.eq (v128.load offset=16 align=1 (local.get $block)) (local.get $escape16))))
              (i64.const 16)))
          (i64.or
            (i64.shl
              (i64.extend_i32_u (i8x16.bitmask
                (i8x16.eq (v128.load offset=32 align=1 (local.get $block)) (local.get $escape16))))
              (i64.const 32))
            (i64.shl
              (i64.extend_i32_u (i8x16.bitmask
                (i8x16.eq (v128.load offset=48 align=1 (local.get $block)) (local.get $escape16))))
              (i64.const 48)))))
      (block $done
        (loop $next
          (br_if $done (i64.eqz (local.get $escapes)))
          (local.set $escape
            (i32.add (local.get $block) (i32.wrap_i64 (i64.ctz (local.get $escapes)))))
          (local.set $escapes
            (i64.and (local.get $escapes) (i64.sub (local.get $escapes) (i64.const 1))))
          ;; Codes in a row count as one.
          (br_if $next (i32.lt_u (local.get $escape) (local.get $after)))
          (local.set $before (i32.load8_u (i32.sub (local.get $escape) (i32.const 1))))
          (br_if $next (i32.eqz (i32.load8_u offset=81920 (local.get $before))))
          ;; Nearly all are of two digits, such as ESC [ 3 9 m.
          (if (i32.eq
                (i32.and (i32.load offset=1 align=1 (local.get $escape)) (i32.const 0xfff0f0ff))
                (i32.const 0x6d30305b))
            (then (local.set $after (i32.add (local.get $escape) (i32.const 5))))
            (else (local.set $after (local.get $escape))))
          (if (i32.or
                (i32.eq (local.get $after) (local.get $escape))
                (i32.eq (i32.load8_u (local.get $after)) (i32.const 0x1b)))
            (then
              (local.set $after (call $codes (local.get $escape)))
              (if (i32.eqz (local.get $after)) (then (return (local.get $escape))))))
          (br_if $next (i32.eqz
            (i32.load8_u offset=65536
              (i32.or
                (i32.shl (local.get $before) (i32.const 7))
                (i32.load8_u (local.get $after))))))
          (br_if $next (i32.eq (local.get $after) (local.get $escape)))
          (return (local.get $escape))))
      (local.set $block (i32.add (local.get $block) (i32.const 64)))
      (br $blocks))
    (unreachable)))
