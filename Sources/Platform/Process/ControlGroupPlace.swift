/// Where the host stands among the kernel's control groups (version 2), and whether it may make
/// groups there. Values; read from `/proc`.
struct ControlGroupPlace: Hashable {
    /// The folder of the group that the host may divide.
    let folder: String
    /// Whether it is the topmost that the host can see: it may hold processes and groups at once.
    let isTop: Bool
    /// Whether the host has moved itself into its own leaf of ``folder`` already.
    let isDivided: Bool

    /// The host's own leaf: a group that is divided may hold no process itself.
    static let leaf = "madang-host"

    /// - Parameters:
    ///   - own: `/proc/self/cgroup`.
    ///   - mounts: `/proc/self/mountinfo`.
    /// - Returns: `nil` where there is no hierarchy of version 2.
    init?(own: String, mounts: String) {
        guard let line = own.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else {
            return nil
        }
        var path = line.dropFirst(3)
        // number parent device root mountpoint options … - type source options
        let places = mounts.split(separator: "\n").compactMap {
            mount -> (root: Substring, point: Substring)? in
            let words = mount.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), dash + 1 < words.count, words.count > 5,
                words[dash + 1] == "cgroup2"
            else { return nil }
            return (words[3], words[4])
        }
        guard
            let place = places.first(where: {
                $0.root == "/" || path == $0.root || path.hasPrefix($0.root + "/")
            }), !place.point.contains("\\")
        else { return nil }
        if place.root != "/" { path = path.dropFirst(place.root.count) }
        let leaf = "/" + Self.leaf
        isDivided = path.hasSuffix(leaf)
        if isDivided { path = path.dropLast(leaf.count) }
        if path == "/" { path = "" }
        isTop = path.isEmpty
        folder = String(place.point + path)
    }

    /// Whether the group was given to this user: what merely can be written by root is systemd's or
    /// a container engine's, and is left alone.
    static func isGiven(isRoot: Bool, isMarked: Bool, isTop: Bool, isWritable: Bool) -> Bool {
        isWritable && (!isRoot || isMarked || isTop)
    }

    /// The count behind a word of `memory.events`.
    static func count(of word: String, in events: String) -> UInt64 {
        for line in events.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == word { return UInt64(words[1]) ?? 0 }
        }
        return 0
    }
}
