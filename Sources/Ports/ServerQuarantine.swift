/// Why a strategy server is left alone until somebody releases it.
package struct ServerQuarantine: Hashable, Sendable, Codable {
    /// What broke last, in words for people; the first line says it all.
    package var reason: String
    /// UTC ns.
    package var since: Int64
    /// Breaks that were counted, this one with them.
    package var breaks: Int
    /// From the first of them to the last, ns.
    package var within: Int64
    package init(reason: String, since: Int64, breaks: Int, within: Int64) {
        self.reason = reason
        self.since = since
        self.breaks = breaks
        self.within = within
    }

    /// `10 breaks in 42 s, the last: its process ended with code 3`.
    package var words: String {
        guard breaks > 1 else { return reason }
        // Rounded up; a file may hold any number.
        let seconds = within / 1_000_000_000 + (within % 1_000_000_000 > 0 ? 1 : 0)
        return "\(breaks) breaks in \(max(1, seconds)) s, the last: \(reason)"
    }

    /// The command that ends it.
    package static func release(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        return "madang strategy release " + (isPlain ? name : "\"\(name)\"")
    }
}
