package import Ports

/// SHA-256 as FIPS 180-4 writes it, for tests.
package struct PlainSHA256: Digest {
    package init() {}

    package func begin() -> any RunningDigest { Running() }

    private final class Running: RunningDigest {
        private var bytes: [UInt8] = []
        func update(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
        func finish() -> [UInt8] { PlainSHA256().sha256(bytes) }
    }

    package func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var message = bytes + [0x80]
        while message.count % 64 != 56 { message.append(0) }
        let bits = UInt64(bytes.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        var state = Self.start
        for block in stride(from: 0, to: message.count, by: 64) {
            mix(message[block..<block + 64], into: &state)
        }
        return state.flatMap { word in
            stride(from: 24, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: word >> UInt32($0))
            }
        }
    }

    private func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var w: [UInt32] = stride(from: block.startIndex, to: block.endIndex, by: 4).map { at in
            block[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for i in 16..<64 {
            let a = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3
            let b = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10
            w.append(w[i - 16] &+ a &+ w[i - 7] &+ b)
        }
        var v = state
        for i in 0..<64 {
            let s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)
            let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
            let t1 = v[7] &+ s1 &+ choice &+ Self.round[i] &+ w[i]
            let s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
            v = [t1 &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
        }
        for i in 0..<8 { state[i] = state[i] &+ v[i] }
    }

    private func turn(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }

    private static let primes: [UInt32] = {
        var found: [UInt32] = []
        var n: UInt32 = 2
        while found.count < 64 {
            if found.allSatisfy({ n % $0 != 0 }) { found.append(n) }
            n += 1
        }
        return found
    }()

    /// The first 32 bits of the fraction of a root, by integer search.
    private static func fraction(of prime: UInt32, power: Int) -> UInt32 {
        var low: UInt128 = 0
        var high: UInt128 = 1 << 40
        let scale = UInt128(prime) << UInt128(32 * power)
        while high - low > 1 {
            let middle = (low + high) / 2
            let raised = power == 2 ? middle * middle : middle * middle * middle
            if raised <= scale { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }
    private static let start = primes.prefix(8).map { fraction(of: $0, power: 2) }
    private static let round = primes.map { fraction(of: $0, power: 3) }
}
