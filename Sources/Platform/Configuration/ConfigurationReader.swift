/// Reads a configuration file key by key, and remembers everything: problems, defaults, what was
/// read.
///
/// Sections are asked for their keys; what is wrong is noted, not thrown, so that one run names
/// everything. ``finish()`` adds the keys that nobody asked for and throws if anything was noted.
/// One owner, one thread.
package final class ConfigurationReader {
    /// The file's top level.
    package let root: Section
    private let findings: ConfigurationFindings

    /// - Parameters:
    ///   - variables: What `${NAME}` may refer to: the environment.
    ///   - lacking: Groups of keys at the top whose secrets may be missing, for who does not speak to those that
    ///     want them; such a secret reads as `missing`.
    package init(
        _ document: YAMLDocument, variables: [String: String], lacking: Set<String> = []
    ) {
        findings = ConfigurationFindings(
            file: document.file, variables: variables, lacking: lacking)
        let position = document.root.position
        switch document.root.content {
        case .mapping(let entries):
            root = Section(entries: entries, path: "", position: position, findings: findings)
        case .scalar, .sequence:
            root = Section(entries: [], path: "", position: position, findings: findings)
            findings.note(
                "the file must be a group of keys, not \(document.root.kind)", at: position,
                path: "")
        }
    }

    /// Ends the reading. Call it once, after all keys have been asked for.
    ///
    /// - Throws: ``ConfigurationError`` with everything that was noted.
    package func finish() throws(ConfigurationError) {
        root.noteUnknownKeys()
        guard isGood else { throw ConfigurationError(findings.problems) }
    }

    /// Whether nothing is wrong so far; unknown keys are found at the end only.
    package var isGood: Bool { findings.problems.isEmpty }

    /// What `${…}` stood for where it was no secret, by the key's path, sorted. The configuration as shown
    /// has the name alone: who compares two configurations needs both.
    package var substituted: [(path: String, text: String)] {
        findings.substituted.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What works but should be changed, such as a secret written into the file.
    package var warnings: [ConfigurationProblem] { findings.warnings }
}
