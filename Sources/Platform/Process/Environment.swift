import CLinux

/// The host's own environment variables, read once where they are needed and passed on as a value.
package enum Environment {
    /// A copy; of two equal names the first counts.
    package static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        guard var entry = host_environment() else { return variables }
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, variables[String(pair[0])] == nil {
                variables[String(pair[0])] = String(pair[1])
            }
            entry += 1
        }
        return variables
    }
}
