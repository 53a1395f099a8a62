/// Ids of fills heard: those from 1 without a gap as one number, the others one by one.
///
/// Most orders have few fills and hear them in order: then nothing is allocated.
struct HeardFills: Hashable {
    private var through: UInt32 = 0
    private var others: Set<UInt32> = []

    func contains(_ id: UInt32) -> Bool {
        id > 0 && id <= through || !others.isEmpty && others.contains(id)
    }

    mutating func insert(_ id: UInt32) {
        guard !contains(id) else { return }
        guard id > 0, id - 1 == through else {
            others.insert(id)
            return
        }
        through = id
        guard !others.isEmpty else { return }
        while through < .max, others.remove(through + 1) != nil { through += 1 }
    }
}
