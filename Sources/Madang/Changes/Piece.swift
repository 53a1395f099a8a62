import Host
import Kernel
import Platform
import Strategies
import TradingModel

/// A strategy of the host, or a rule, as its entry in the configuration would be written out in full; of a strategy
/// server what can become another while it runs, which is its symbols.
struct Piece: Hashable {
    enum Kind: String { case strategy, rule, server }
    let kind: Kind
    let name: String
    /// All but what is a list or a group, in the order in which they are told.
    var fields: [Field]
    var symbols: [String]
    /// Of a built-in strategy.
    var parameters: [Field] = []
    /// Of an alert that chose its own.
    var channels: [String]?

    struct Field: Hashable {
        let key: String
        var text: String
        init(_ key: String, _ text: String) { (self.key, self.text) = (key, text) }

        /// Of yes and no, and of whole numbers, the reader asks that they stand without quotes. What is neither
        /// is quoted, so that its error says so.
        var isPlain: Bool {
            switch key {
            case "adds_to_position": text == "true" || text == "false"
            case "priority": Int(text) != nil
            default: false
            }
        }
    }

    /// As JSON, which is YAML too: what the log keeps, and what is read back from it.
    var text: String {
        var parts = [("name", Self.quoted(name))]
        parts += fields.map { ($0.key, $0.isPlain ? $0.text : Self.quoted($0.text)) }
        parts.append(("symbols", Self.list(symbols)))
        if let channels { parts.append(("channels", Self.list(channels))) }
        if !parameters.isEmpty {
            let inner = parameters.map { "\(jsonText($0.key)): \(Self.quoted($0.text))" }
            parts.append(("parameters", "{\(inner.joined(separator: ", "))}"))
        }
        return "{\(parts.map { "\(jsonText($0.0)): \($0.1)" }.joined(separator: ", "))}"
    }

    private static func list(_ words: [String]) -> String {
        "[\(words.map(quoted).joined(separator: ", "))]"
    }
    /// What it holds is to be read as it stands.
    private static func quoted(_ text: String) -> String {
        jsonText(text.replacing("${", with: "$${"))
    }

    /// Each of its settings by a name of its own, in words.
    var settings: [Field] {
        fields + [Field("symbols", symbols.joined(separator: ","))]
            + parameters + (channels.map { [Field("channels", $0.joined(separator: ","))] } ?? [])
    }

    /// What its results follow from: what becomes of them is its account's and the arbiter's business.
    var recipe: String {
        let own: Set = ["kind", "when", "then", "every", "cool_down", "confidence"]
        return (fields.filter { own.contains($0.key) } + parameters)
            .map { "\($0.key)=\($0.text)" }.joined(separator: "\n")
    }

    /// `ma_cross on candles:1m of 005930: fast=5 slow=20`.
    var words: String {
        func field(_ key: String) -> String { fields.first { $0.key == key }?.text ?? "" }
        if kind == .server { return "strategy server of \(symbols.joined(separator: ","))" }
        let what = kind == .rule ? "\(field("then")) when \(field("when"))" : field("kind")
        let values = parameters.map { "\($0.key)=\($0.text)" }.joined(separator: " ")
        return "\(what) on \(field("on")) of \(symbols.joined(separator: ","))"
            + (values.isEmpty ? "" : ": \(values)")
    }

    /// What differs, `fast 5 -> 8`; empty where nothing does.
    func differences(to next: Piece) -> [String] {
        let (old, new) = (settings, next.settings)
        let keys = old.map(\.key) + new.map(\.key).filter { key in !old.contains { $0.key == key } }
        return keys.compactMap { key in
            let (was, will) = (
                old.first { $0.key == key }?.text, new.first { $0.key == key }?.text
            )
            return was == will ? nil : "\(key) \(was ?? "unset") -> \(will ?? "unset")"
        }
    }

    // MARK: Setting

    private static let lists = ["symbols", "channels"]

    /// Puts another value in: of a parameter, or of a key of the configuration.
    mutating func set(_ key: String, _ text: String) throws(RunError) {
        if let index = parameters.firstIndex(where: { $0.key == key }) {
            return parameters[index].text = text
        }
        let words = text.split(separator: ",").map {
            String($0.trimmingPrefix(" "))
        }
        if key == "symbols" { return symbols = words }
        if key == "channels", kind == .rule { return channels = words }
        if key != "kind", let index = fields.firstIndex(where: { $0.key == key }) {
            return fields[index].text = text
        }
        let known =
            parameters.map(\.key) + fields.map(\.key).filter { $0 != "kind" } + ["symbols"]
            + (kind == .rule ? ["channels"] : [])
        let near = nearestName(to: key, in: known).map { "   did you mean '\($0)'?" } ?? ""
        if kind == .server {
            throw RunError(
                .refused,
                "'\(name)' is a strategy server: of a running one the symbols alone can be set, and"
                    + " '\(key)' is as the run began with it\n  write it into the configuration,"
                    + " and begin a run with it")
        }
        throw RunError(
            .usage,
            "'\(name)' has no '\(key)' to set\n  it has: \(known.joined(separator: ", "))\(near)")
    }
}

extension HostConfiguration {
    /// What runs in the host and can be changed while it does, in the order of the configuration.
    var pieces: [Piece] { strategies.compactMap(piece) + rules.map(piece) }

    /// Strategy servers, with their symbols alone.
    var serverPieces: [Piece] {
        strategies.filter { $0.isServer }.map {
            Piece(kind: .server, name: $0.name, fields: [], symbols: names($0.symbols))
        }
    }

    /// `nil` for a server and for a scanner: they are as the run began with them.
    func piece(_ setting: StrategySetting) -> Piece? {
        guard case .builtIn(let builtIn) = setting.kind, let input = setting.input else {
            return nil
        }
        let resolved = (try? builtIn.resolved(parameters: setting.parameters)) ?? []
        return Piece(
            kind: .strategy, name: setting.name,
            fields: [
                .init("kind", builtIn.name), .init("on", Self.words(input)),
                .init("account", setting.account), .init("quantity", "\(setting.quantity)"),
                .init("adds_to_position", "\(setting.addsToPosition)"),
                .init("weight", decimalString(Int128(setting.weight), scale: 6)),
                .init("priority", "\(setting.priority)"),
            ], symbols: names(setting.symbols),
            parameters: resolved.map { Piece.Field($0.name, $0.value) })
    }

    func piece(_ rule: RuleSetting) -> Piece {
        Piece(
            kind: .rule, name: rule.name,
            fields: [
                .init("when", rule.condition.text), .init("then", "\(rule.action)"),
                .init("on", Self.words(rule.input)), .init("every", rule.every.rawValue),
                .init("cool_down", showDuration(rule.coolDown.count)),
                .init(
                    "confidence", decimalString(Int128(rule.confidence.millionths), scale: 6)),
                .init("account", rule.account), .init("quantity", "\(rule.quantity)"),
                .init("weight", decimalString(Int128(rule.weight), scale: 6)),
                .init("priority", "\(rule.priority)"),
            ], symbols: names(rule.symbols), channels: rule.channels)
    }

    private func names(_ ids: [InstrumentID]) -> [String] {
        ids.count == instruments.count && ids.count > 1
            ? ["all"] : ids.map { instruments[Int($0.index)].symbol }
    }

    private static func words(_ input: Attachment.Input) -> String {
        switch input {
        case .ticks: "ticks"
        case .candles(let interval): "candles:\(interval)"
        }
    }
}
