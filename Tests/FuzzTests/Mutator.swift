import Foundation
import TestKit

/// Damages inputs as their damage comes: bits, bytes, pieces left out, doubled, moved or of another input,
/// words of the language, numbers at their ends.
struct Mutator {
    /// Inputs that are good.
    let corpus: [[UInt8]]
    /// Words that the reader knows.
    let words: [[UInt8]]
    private static let numbers = [
        "0", "-1", "1", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "170141183460469231731687303715884105728", "1e308", "1e-400", "NaN", "-0", "0.00000001",
        "99999999999999999999.99999999", "٣", "1_000",
    ].map { Array($0.utf8) }
    private static let longest = 1 << 16

    init(_ corpus: [String], words: [String] = []) {
        self.init(corpus.map { Array($0.utf8) }, words: words)
    }
    init(_ corpus: [[UInt8]], words: [String] = []) {
        self.corpus = corpus
        self.words = words.map { Array($0.utf8) } + Self.numbers
    }

    /// One of the corpus, damaged up to eight times.
    func next(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = random.pick(corpus)
        for _ in 0..<Int.random(in: 1...8, using: &random) { damage(&bytes, &random) }
        return bytes
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let piece = range(in: bytes, &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where !bytes.isEmpty:
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where !bytes.isEmpty:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                in: 0...255, using: &random)
        case 2: bytes.removeSubrange(piece)
        case 3:
            guard bytes.count + piece.count < Self.longest else { return }
            bytes.insert(contentsOf: Array(bytes[piece]), at: piece.lowerBound)
        case 4:
            let moved = Array(bytes[piece])
            bytes.removeSubrange(piece)
            let place = Int.random(in: 0...bytes.count, using: &random)
            bytes.insert(contentsOf: moved, at: place)
        case 5:
            let other = random.pick(corpus)
            bytes.replaceSubrange(piece, with: other[range(in: other, &random)])
        case 6: bytes.replaceSubrange(piece, with: random.pick(words))
        default: bytes.insert(contentsOf: random.pick(words), at: piece.lowerBound)
        }
    }

    /// Mostly short.
    private func range(in bytes: [UInt8], _ random: inout SeededRandom) -> Range<Int> {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let most = random.oneIn(4) ? bytes.count : 12
        let end = min(bytes.count, start + Int.random(in: 0...most, using: &random))
        return start..<end
    }
}

/// What a seed tries in one go.
let triesOfASeed = 500
