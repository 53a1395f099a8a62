/// A map field. Its order is that of the keys, so that looping over it is the same in each run.
///
/// Keys differ when their bytes do. A plain dictionary would not do for texts: Swift takes "é"
/// written as one scalar and as two for the same string, while on the wire they are two keys.
package struct WireMap<Key: WireMapKey, Value: Hashable & Sendable>: Hashable, Sendable {
    private var values: [Key.Exact: Value] = [:]

    package init() {}

    package var isEmpty: Bool { values.isEmpty }
    package var count: Int { values.count }

    package subscript(key: Key) -> Value? {
        get { values[key.exact] }
        set { values[key.exact] = newValue }
    }

    /// In rising order: numbers by value, texts by their UTF-8 bytes.
    ///
    /// - Complexity: O(n log n): sorted on each call.
    package var entries: [(key: Key, value: Value)] {
        values.map { (Key(exact: $0.key), $0.value) }.sorted { $0.key.precedes($1.key) }
    }
}

extension WireMap: ExpressibleByDictionaryLiteral {
    /// A key given twice has the last of its values.
    package init(dictionaryLiteral elements: (Key, Value)...) {
        for (key, value) in elements { self[key] = value }
    }
}

/// What may be a key: integers, Booleans and texts.
package protocol WireMapKey: Hashable, Sendable {
    /// The key with equality by bytes.
    associatedtype Exact: Hashable & Sendable = Self
    init(exact: Exact)
    var exact: Exact { get }
    func precedes(_ other: Self) -> Bool
}

extension WireMapKey where Exact == Self {
    package init(exact: Self) { self = exact }
    package var exact: Self { self }
}

extension WireMapKey where Self: Comparable {
    package func precedes(_ other: Self) -> Bool { self < other }
}

extension Int32: WireMapKey {}
extension Int64: WireMapKey {}
extension UInt32: WireMapKey {}
extension UInt64: WireMapKey {}

extension Bool: WireMapKey {
    package func precedes(_ other: Bool) -> Bool { !self && other }
}

extension String: WireMapKey {
    /// A text that equals another only if their UTF-8 bytes do.
    package struct Bytewise: Hashable, Sendable {
        let text: String

        package static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

        package func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    package init(exact: Bytewise) { self = exact.text }
    package var exact: Bytewise { Bytewise(text: self) }
    package func precedes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
