import Glibc
import TradingModel

/// Remembers what the resolver answered, so that a symbol costs it one question a file.
///
/// Most rows repeat the symbol of the row before. One owner.
final class SymbolCache {
    private struct Entry {
        let text: [UInt8]
        let instrument: InstrumentID?
    }
    private let resolve: @Sendable (String) -> InstrumentID?
    private var entries: [Entry] = []
    private var byHash: [UInt64: [Int]] = [:]
    private var last = -1
    /// Distinct symbols past this are asked for again each time.
    private static let most = 100_000

    init(_ resolve: @escaping @Sendable (String) -> InstrumentID?) { self.resolve = resolve }

    /// `nil` for a symbol that the host does not trade.
    @inline(__always)
    func instrument(_ text: UnsafeBufferPointer<UInt8>) -> InstrumentID? {
        if last >= 0, isSameText(entries[last].text, text) { return entries[last].instrument }
        return search(text)
    }

    private func search(_ text: UnsafeBufferPointer<UInt8>) -> InstrumentID? {
        // FNV-1a.
        let hash = text.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        for index in byHash[hash] ?? [] where isSameText(entries[index].text, text) {
            last = index
            return entries[index].instrument
        }
        let instrument = resolve(String(decoding: text, as: UTF8.self))
        guard entries.count < Self.most else { return instrument }
        last = entries.count
        byHash[hash, default: []].append(last)
        entries.append(Entry(text: Array(text), instrument: instrument))
        return instrument
    }
}

/// Whether both hold the same bytes.
@inline(__always)
func isSameText(_ text: [UInt8], _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count == other.count, let base = other.baseAddress else {
        return text.isEmpty && other.isEmpty
    }
    return memcmp(text, base, text.count) == 0
}
