/// Ids of fills heard: those from 1 without a gap as one number, the others one by one.
///
/// Most orders have few fills and hear them in order: then nothing is allocated.
struct HeardFills: Hashable {
    private var through: UInt32 = 0
    /// Never empty: without them a machine is copied as plain memory.
    private var others: Set<UInt32>?

    func contains(_ id: UInt32) -> Bool {
        id > 0 && id <= through || others?.contains(id) == true
    }

    mutating func insert(_ id: UInt32) {
        guard !contains(id) else { return }
        guard id > 0, id - 1 == through else {
            others = (others ?? []).union([id])
            return
        }
        through = id
        if others != nil { close() }
    }

    /// Takes the ones that follow without a gap now.
    @inline(never)
    private mutating func close() {
        while through < .max, others?.remove(through + 1) != nil { through += 1 }
        if others?.isEmpty == true { others = nil }
    }
}
