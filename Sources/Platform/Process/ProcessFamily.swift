/// A program with everything that it started, by what the process table says. A value.
///
/// A member is who is in its group, and who descends from a member. Once seen it stays one, though
/// its parent ends and it leaves the group, for as long as it lives under its own start time.
package struct ProcessFamily: Hashable, Sendable {
    /// Whose members belong to it.
    package let groups: Set<Int32>
    package private(set) var members: [Int32: UInt64] = [:]

    package init(_ roots: [ProcessIdentity], groups: Set<Int32>) {
        self.groups = groups
        for root in roots { members[root.id] = root.start }
    }

    /// Takes what the table shows now: of every process, or of those that were not seen before
    /// besides all members.
    ///
    /// - Parameter excluded: One that is in the group and is not to be counted: the warden.
    package mutating func see(_ entries: [ProcessEntry], except excluded: Int32 = 0) {
        // Gone, or the number is another's by now.
        let starts = Dictionary(entries.map { ($0.id, $0.start) }, uniquingKeysWith: { $1 })
        members = members.filter { starts[$0.key] == $0.value }
        // A child may have a lower number than its parent: until nobody joins any more.
        var joined = true
        while joined {
            joined = false
            for entry in entries where entry.id != excluded && members[entry.id] == nil {
                guard groups.contains(entry.group) || members[entry.parent] != nil else { continue }
                members[entry.id] = entry.start
                joined = true
            }
        }
    }

    package var identities: [ProcessIdentity] {
        members.map { ProcessIdentity(id: $0.key, start: $0.value) }.sorted { $0.id < $1.id }
    }
}
