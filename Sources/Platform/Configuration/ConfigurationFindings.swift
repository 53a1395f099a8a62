/// What is noted while a file is read, shared by the reader and its sections.
final class ConfigurationFindings {
    let file: String
    let substitution: Substitution
    /// Groups of keys at the top whose secrets may be missing.
    let lacking: Set<String>
    /// What `${…}` stood for, secrets left out, by the key's path.
    var substituted: [String: String] = [:]
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []

    init(file: String, variables: [String: String], lacking: Set<String>) {
        self.file = file
        self.lacking = lacking
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
        substitution = Substitution(variables: variables, folder: folder)
    }

    /// Whether a secret at this path may be missing.
    func mayLack(_ path: String) -> Bool {
        lacking.contains { path == $0 || path.hasPrefix("\($0).") || path.hasPrefix("\($0)[") }
    }

    func note(
        _ message: String, at position: SourcePosition?, path: String, allowed: [String] = [],
        suggestion: String? = nil, advice: String = ""
    ) {
        problems.append(
            ConfigurationProblem(
                file: file, position: position, path: path, message: message, allowed: allowed,
                suggestion: suggestion, advice: advice))
    }

    func warn(_ message: String, at position: SourcePosition, path: String, advice: String) {
        warnings.append(
            ConfigurationProblem(
                file: file, position: position, path: path, message: message, advice: advice))
    }
}
