import Glibc
import TradingModel

/// Remembers what the resolver answered, so that a symbol costs it one question a file.
///
/// Symbols of up to 16 bytes, as nearly all are, are found by one look at a small table. One owner.
final class SymbolCache {
    private struct Entry {
        let text: [UInt8]
        let instrument: InstrumentID?
    }
    /// The newest symbol of those whose keys lie at one place.
    private struct Slot {
        var key = SymbolKey.none
        var instrument: InstrumentID?
    }
    private let resolve: @Sendable (String) -> InstrumentID?
    private var entries: [Entry] = []
    private var byHash: [UInt64: [Int]] = [:]
    private let slots: UnsafeMutablePointer<Slot>
    /// Distinct symbols past this are asked for again each time.
    private static let most = 100_000

    init(_ resolve: @escaping @Sendable (String) -> InstrumentID?) {
        self.resolve = resolve
        slots = .allocate(capacity: SymbolKey.places)
        slots.initialize(repeating: Slot(), count: SymbolKey.places)
    }

    deinit { slots.deallocate() }

    /// `nil` for a symbol that the host does not trade.
    @inline(__always)
    func instrument(_ text: UnsafeBufferPointer<UInt8>) -> InstrumentID? {
        guard let key = SymbolKey(text) else { return search(text) }
        let place = key.place
        if slots[place].key == key { return slots[place].instrument }
        return fill(place, key, text)
    }

    @inline(never)
    private func fill(
        _ place: Int, _ key: SymbolKey, _ text: UnsafeBufferPointer<UInt8>
    ) -> InstrumentID? {
        let instrument = search(text)
        slots[place] = Slot(key: key, instrument: instrument)
        return instrument
    }

    private func search(_ text: UnsafeBufferPointer<UInt8>) -> InstrumentID? {
        // FNV-1a.
        let hash = text.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        for index in byHash[hash] ?? [] where isSameText(entries[index].text, text) {
            return entries[index].instrument
        }
        let instrument = resolve(String(decoding: text, as: UTF8.self))
        guard entries.count < Self.most else { return instrument }
        byHash[hash, default: []].append(entries.count)
        entries.append(Entry(text: Array(text), instrument: instrument))
        return instrument
    }
}

/// The bytes of a symbol of 1 to 16, and how many they are: two are equal only where the texts are.
struct SymbolKey: Equatable {
    private let low: UInt64
    private let high: UInt64
    private let count: Int

    /// Of no symbol.
    static let none = SymbolKey(low: 0, high: 0, count: 0)

    private init(low: UInt64, high: UInt64, count: Int) {
        (self.low, self.high, self.count) = (low, high, count)
    }

    /// - Returns: `nil` for an empty text and one of more than 16 bytes.
    @inline(__always)
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(text)
        count = raw.count
        // First and last bytes of one width: they overlap, and no byte behind the text is read.
        switch count {
        case 8...16:
            low = raw.loadUnaligned(as: UInt64.self)
            high = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        case 4...7:
            low = UInt64(raw.loadUnaligned(as: UInt32.self))
            high = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        case 2...3:
            low = UInt64(raw.loadUnaligned(as: UInt16.self))
            high = UInt64(raw.loadUnaligned(fromByteOffset: count - 2, as: UInt16.self))
        case 1: (low, high) = (UInt64(raw[0]), 0)
        default: return nil
        }
    }

    static let places = 1_024
    @inline(__always) var place: Int {
        let mixed = (low ^ (high &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(count)) &* 0xBF58_476D_1CE4_E5B9
        return Int(truncatingIfNeeded: mixed >> 54)
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
