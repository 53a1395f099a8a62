/// Orders that ended with something of them open, behind the thousands that are known in full.
///
/// A broker may have filled one of them all the same, and a fill of an order of ours is booked whatever its age. What filled in
/// full can come to no more, and is not kept. Past twice ``most`` the older half is dropped: ``lost`` says up to where.
package struct OldOrders<Kept: Sendable>: Sendable {
    /// Kept at least.
    package static var most: Int { 32_768 }
    private var kept: [OrderNumber: Kept] = [:]
    /// In the order in which they came; of those that were taken out too.
    private var numbers: [OrderNumber] = []
    /// The highest number that was dropped.
    package private(set) var lost: OrderNumber?

    package init() {}

    package var count: Int { kept.count }
    package var values: Dictionary<OrderNumber, Kept>.Values { kept.values }
    package subscript(number: OrderNumber) -> Kept? { kept[number] }

    package mutating func keep(_ order: Kept, as number: OrderNumber) {
        kept[number] = order
        numbers.append(number)
        guard numbers.count >= 2 * Self.most else { return }
        for old in numbers.prefix(Self.most) where kept.removeValue(forKey: old) != nil {
            lost = max(lost ?? old, old)
        }
        numbers.removeFirst(Self.most)
    }

    /// It is known in full again.
    package mutating func take(_ number: OrderNumber) -> Kept? {
        kept.isEmpty ? nil : kept.removeValue(forKey: number)
    }
}
