import Platform

/// The text of a change: what goes, and what comes or takes the place of its name.
struct PieceText: Hashable {
    var removed: [String] = []
    var pieces: [Piece] = []
    /// Limits, all of them; `nil`: as they are.
    var risk: RiskText?

    /// One group of keys, as a file for `madang strategy load` may be written too.
    var text: String {
        var parts: [String] = []
        if !removed.isEmpty {
            parts.append("\"removed\": [\(removed.map(jsonText).joined(separator: ", "))]")
        }
        for (isRule, key) in [(false, "strategies"), (true, "rules")] {
            let those = pieces.filter { ($0.kind == .rule) == isRule }.map(\.text)
            if !those.isEmpty { parts.append("\"\(key)\": [\(those.joined(separator: ",\n"))]") }
        }
        if let risk { parts.append("\"risk\": \(risk.text)") }
        return "{\(parts.joined(separator: ",\n"))}"
    }
}

extension ConfigurationLoader {
    /// Reads strategies and rules for a run whose accounts, instruments and channels are known.
    ///
    /// - Parameters:
    ///   - text: As ``PieceText/text``, or as a person writes it: `strategies:`, `rules:` and `risk:`.
    ///   - file: As errors name it.
    ///   - frame: The run's configuration.
    /// - Throws: ``ConfigurationError`` with every problem.
    static func pieces(
        _ text: String, of file: String, in frame: HostConfiguration,
        variables: [String: String] = [:]
    ) throws(ConfigurationError) -> Pieces {
        let document = try YAMLDocument(file: file, bytes: Array(text.utf8))
        var loader = ConfigurationLoader(document, in: frame, variables: variables)
        return try loader.loadPieces()
    }
}
