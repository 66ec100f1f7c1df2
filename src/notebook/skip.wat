;; Skips one JSON value at the speed of memory: the same grammar as skipValue in json_skip.ts, without NaN
;; and Infinity, and without error messages. Whatever it does not accept, json_skip.ts decides anew. And
;; skips the cells of a notebook in which nothing is to be stripped.
;;
;; Memory: 64 KiB for the brackets that are open, one byte each, 64 KiB with marks for the keys of
;; cells (from 65536 on) and of their metadata (from 65792 on) that go, then the file and, after its
;; last byte, a zero, at which everything stops; then at least 16 bytes that may be read but never
;; count.
;; Every function takes the address of a first byte and returns the one after it, or 0 for "no".
(module
  (memory (export "memory") 2 32770)

  (func $space (param $at i32) (result i32)
    (local $four v128) (local $other i32)
    (loop $more
      (if (i32.gt_u (i32.load8_u (local.get $at)) (i32.const 32)) (then (return (local.get $at))))
      (local.set $four (v128.load align=1 (local.get $at)))
      (local.set $other (i32.xor (i32.const 0xffff) (i8x16.bitmask
        (v128.or
          (v128.or
            (i8x16.eq (local.get $four) (i8x16.splat (i32.const 32)))
            (i8x16.eq (local.get $four) (i8x16.splat (i32.const 10))))
          (v128.or
            (i8x16.eq (local.get $four) (i8x16.splat (i32.const 13)))
            (i8x16.eq (local.get $four) (i8x16.splat (i32.const 9))))))))
      (if (local.get $other)
        (then (return (i32.add (local.get $at) (i32.ctz (local.get $other))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $more))
    (unreachable))

  (func $hex (param $at i32) (result i32)
    (local $byte i32)
    (local.set $byte (i32.load8_u (local.get $at)))
    (i32.or
      (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
      (i32.lt_u (i32.sub (i32.or (local.get $byte) (i32.const 32)) (i32.const 97)) (i32.const 6))))

  ;; $at is the backslash.
  (func $escape (param $at i32) (result i32)
    (local $byte i32)
    (local.set $byte (i32.load8_u offset=1 (local.get $at)))
    (if (i32.eq (local.get $byte) (i32.const 117)) ;; u
      (then
        (if (i32.eqz (call $hex (i32.add (local.get $at) (i32.const 2)))) (then (return (i32.const 0))))
        (if (i32.eqz (call $hex (i32.add (local.get $at) (i32.const 3)))) (then (return (i32.const 0))))
        (if (i32.eqz (call $hex (i32.add (local.get $at) (i32.const 4)))) (then (return (i32.const 0))))
        (if (i32.eqz (call $hex (i32.add (local.get $at) (i32.const 5)))) (then (return (i32.const 0))))
        (return (i32.add (local.get $at) (i32.const 6)))))
    (if (i32.or
          (i32.or
            (i32.or (i32.eq (local.get $byte) (i32.const 110)) (i32.eq (local.get $byte) (i32.const 34)))
            (i32.or (i32.eq (local.get $byte) (i32.const 92)) (i32.eq (local.get $byte) (i32.const 47))))
          (i32.or
            (i32.or (i32.eq (local.get $byte) (i32.const 98)) (i32.eq (local.get $byte) (i32.const 102)))
            (i32.or (i32.eq (local.get $byte) (i32.const 114)) (i32.eq (local.get $byte) (i32.const 116)))))
      (then (return (i32.add (local.get $at) (i32.const 2)))))
    (i32.const 0))

  ;; $at is the opening quote.
  (func $string (param $at i32) (result i32)
    (local $bytes v128) (local $special i32)
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $more
      (local.set $bytes (v128.load align=1 (local.get $at)))
      (local.set $special (i8x16.bitmask
        (v128.or
          (v128.or
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92))))
          (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32))))))
      (if (i32.eqz (local.get $special))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $more)))
      (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $special))))
      (local.set $special (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $special) (i32.const 34))
        (then (return (i32.add (local.get $at) (i32.const 1)))))
      (if (i32.eq (local.get $special) (i32.const 92))
        (then
          (local.set $at (call $escape (local.get $at)))
          (br_if $more (local.get $at)))))
    (i32.const 0))

  (func $digits (param $at i32) (result i32)
    (local $start i32)
    (local.set $start (local.get $at))
    (loop $more
      (if (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $more))))
    (select (i32.const 0) (local.get $at) (i32.eq (local.get $at) (local.get $start))))

  (func $number (param $at i32) (result i32)
    (local $byte i32)
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 48))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1))))
      (else
        (local.set $at (call $digits (local.get $at)))
        (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 46))
      (then
        (local.set $at (call $digits (i32.add (local.get $at) (i32.const 1))))
        (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))))
    (if (i32.eq (i32.or (i32.load8_u (local.get $at)) (i32.const 32)) (i32.const 101))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.or (i32.eq (local.get $byte) (i32.const 43)) (i32.eq (local.get $byte) (i32.const 45)))
          (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (return (call $digits (local.get $at)))))
    (local.get $at))

  (func $scalar (param $at i32) (result i32)
    (local $word i32)
    (local.set $word (i32.load align=1 (local.get $at)))
    (if (i32.or
          (i32.eq (local.get $word) (i32.const 0x6c6c756e))  ;; null
          (i32.eq (local.get $word) (i32.const 0x65757274))) ;; true
      (then (return (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.and
          (i32.eq (local.get $word) (i32.const 0x736c6166))  ;; fals
          (i32.eq (i32.load8_u offset=4 (local.get $at)) (i32.const 101)))
      (then (return (i32.add (local.get $at) (i32.const 5)))))
    (call $number (local.get $at)))

  ;; A key, its colon, and the space around it; returns where the value begins.
  (func $key (param $at i32) (result i32)
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 34)) (then (return (i32.const 0))))
    (local.set $at (call $string (local.get $at)))
    (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
    (local.set $at (call $space (local.get $at)))
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 58)) (then (return (i32.const 0))))
    (call $space (i32.add (local.get $at) (i32.const 1))))

  (func $value (export "skipValue") (param $at i32) (result i32)
    (local $depth i32)  ;; how many brackets are open; also where the next one is kept
    (local $around i32) ;; the innermost open bracket, 0 for none
    (local $byte i32)
    (loop $value
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 34))
        (then (local.set $at (call $string (local.get $at))))
        (else
          (if (i32.or
                (i32.eq (local.get $byte) (i32.const 123))
                (i32.eq (local.get $byte) (i32.const 91)))
            (then
              (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
              ;; In ASCII } and ] follow { and [ at a distance of two.
              (if (i32.ne
                    (i32.load8_u (local.get $at))
                    (i32.add (local.get $byte) (i32.const 2)))
                (then
                  (if (i32.eq (local.get $depth) (i32.const 65536)) (then (return (i32.const 0))))
                  (i32.store8 (local.get $depth) (local.get $around))
                  (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
                  (local.set $around (local.get $byte))
                  (if (i32.eq (local.get $byte) (i32.const 123))
                    (then (local.set $at (call $key (local.get $at)))))
                  (br_if $value (local.get $at))
                  (return (i32.const 0))))
              (local.set $at (i32.add (local.get $at) (i32.const 1))))
            (else (local.set $at (call $scalar (local.get $at)))))))
      (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
      ;; A value has ended: close what ends with it, up to the next comma.
      (loop $end
        (if (i32.eqz (local.get $around)) (then (return (local.get $at))))
        (local.set $at (call $space (local.get $at)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.eq (local.get $byte) (i32.const 44))
          (then
            (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
            (if (i32.eq (local.get $around) (i32.const 123))
              (then (local.set $at (call $key (local.get $at)))))
            (br_if $value (local.get $at))
            (return (i32.const 0))))
        (if (i32.ne (local.get $byte) (i32.add (local.get $around) (i32.const 2)))
          (then (return (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
        (local.set $around (i32.load8_u (local.get $depth)))
        (br $end)))
    (unreachable))

  ;; Whether a key may be one of those that go: spelled with a backslash, or marked in a table by its
  ;; first and last byte and its length. $at is its opening quote, $end after the closing one.
  (func $goes (param $at i32) (param $end i32) (param $marks i32) (result i32)
    (local $byte i32)
    (local.set $byte (local.get $at))
    (loop $more
      (local.set $byte (i32.add (local.get $byte) (i32.const 1)))
      (if (i32.eq (i32.load8_u (local.get $byte)) (i32.const 92)) (then (return (i32.const 1))))
      (br_if $more (i32.lt_u (local.get $byte) (local.get $end))))
    (i32.load8_u (i32.add
      (local.get $marks)
      (i32.and
        (i32.const 255)
        (i32.add
          (i32.add
            (i32.mul (i32.load8_u offset=1 (local.get $at)) (i32.const 7))
            (i32.mul
              (i32.load8_u (i32.sub (local.get $end) (i32.const 2)))
              (i32.const 3)))
          (i32.sub (i32.sub (local.get $end) (local.get $at)) (i32.const 2)))))))

  ;; Metadata without a key that goes.
  (func $metadata (param $at i32) (result i32)
    (local $key i32)
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 123)) (then (return (i32.const 0))))
    (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 125))
      (then (return (i32.add (local.get $at) (i32.const 1)))))
    (loop $member
      (local.set $key (local.get $at))
      (if (i32.ne (i32.load8_u (local.get $key)) (i32.const 34)) (then (return (i32.const 0))))
      (local.set $at (call $string (local.get $key)))
      (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
      (if (call $goes (local.get $key) (local.get $at) (i32.const 65792))
        (then (return (i32.const 0))))
      (local.set $at (call $key (local.get $key)))
      (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
      (local.set $at (call $value (local.get $at)))
      (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
      (local.set $at (call $space (local.get $at)))
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 44))
        (then
          (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
          (br $member))))
    (select
      (i32.add (local.get $at) (i32.const 1))
      (i32.const 0)
      (i32.eq (i32.load8_u (local.get $at)) (i32.const 125))))

  ;; A cell whose outputs are [], whose counts are null, and of which no key goes.
  (func $plainCell (param $at i32) (result i32)
    (local $key i32) (local $end i32) (local $value i32) (local $word i64)
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 123)) (then (return (i32.const 0))))
    (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
    (loop $member
      (local.set $key (local.get $at))
      (if (i32.ne (i32.load8_u (local.get $key)) (i32.const 34)) (then (return (i32.const 0))))
      (local.set $end (call $string (local.get $key)))
      (if (i32.eqz (local.get $end)) (then (return (i32.const 0))))
      (if (call $goes (local.get $key) (local.get $end) (i32.const 65536))
        (then (return (i32.const 0))))
      (local.set $value (call $key (local.get $key)))
      (if (i32.eqz (local.get $value)) (then (return (i32.const 0))))
      (local.set $word (i64.load offset=1 align=1 (local.get $key)))
      (local.set $at (call $value (local.get $value)))
      (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
      (if (i64.eq (local.get $word) (i64.const 0x227374757074756f)) ;; outputs"
        (then
          (if (i32.ne (i32.load8_u (local.get $value)) (i32.const 91)) (then (return (i32.const 0))))
          (if (i32.ne
                (call $space (i32.add (local.get $value) (i32.const 1)))
                (i32.sub (local.get $at) (i32.const 1)))
            (then (return (i32.const 0))))))
      (if (i64.eq (local.get $word) (i64.const 0x617461646174656d)) ;; metadata
        (then
          (if (i32.eq (i32.load8_u offset=9 (local.get $key)) (i32.const 34))
            (then
              (if (i32.eqz (call $metadata (local.get $value))) (then (return (i32.const 0))))))))
      ;; execution_count" and prompt_number"
      (if (i32.or
            (i32.and
              (i64.eq (local.get $word) (i64.const 0x6f69747563657865))
              (i64.eq
                (i64.load offset=9 align=1 (local.get $key))
                (i64.const 0x22746e756f635f6e)))
            (i32.and
              (i64.eq (local.get $word) (i64.const 0x6e5f74706d6f7270))
              (i64.eq
                (i64.load offset=7 align=1 (local.get $key))
                (i64.const 0x227265626d756e5f))))
        (then
          (if (i32.ne (i32.load align=1 (local.get $value)) (i32.const 0x6c6c756e))
            (then (return (i32.const 0))))))
      (local.set $at (call $space (local.get $at)))
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 44))
        (then
          (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
          (br $member))))
    (select
      (i32.add (local.get $at) (i32.const 1))
      (i32.const 0)
      (i32.eq (i32.load8_u (local.get $at)) (i32.const 125))))

  ;; Skips plain cells and the commas after them; $at is the first byte of a cell, and so is what it
  ;; returns: of the first cell that is not plain, or is the last.
  (func (export "skipPlainCells") (param $at i32) (result i32)
    (local $cell i32)
    (loop $more
      (local.set $cell (local.get $at))
      (local.set $at (call $plainCell (local.get $cell)))
      (if (i32.eqz (local.get $at)) (then (return (local.get $cell))))
      (local.set $at (call $space (local.get $at)))
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 44)) (then (return (local.get $cell))))
      (local.set $at (call $space (i32.add (local.get $at) (i32.const 1))))
      (br $more))
    (unreachable))
)
