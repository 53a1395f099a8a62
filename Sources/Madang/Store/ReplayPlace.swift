import Foundation
import Host
import Platform
import Ports
import Storage

/// A run's log, and the configuration that decides it again: its own, or another that knows the same names.
struct ReplayPlace {
    let run: String
    /// Whether configuration, recordings and kernel are the run's own.
    let isSame: Bool
    /// What the configuration says otherwise, by key; empty too where recordings or kernel alone differ.
    let changes: [String]
    private let view: LogView
    private let folder: String
    private let names: RecordNames
    private let assembly: RunAssembly
    private let feed: any RecordedFeed

    /// - Throws: ``ConfigurationError``, ``RunError``: there is no such run, or accounts, instruments or sources are
    ///   others than the run's.
    init(_ command: CommandInvocation) throws {
        let (file, loader, written) = try ConfigCommand.load(command)
        var configuration = written
        try configuration.readLists()
        feed = RunCommand.feed(configuration)
        let text = loader.reader.shownText()
        assembly = RunAssembly(
            configuration: configuration,
            identity: try RunCommand.identity(loader, configuration, feed), base: loader.base,
            file: wholePath(file), text: text)
        let logs = try LogPlace(command)
        names = logs.names
        run = try logs.chosen()
        folder = "\(logs.root)/runs/\(run)"
        do { view = try LogView(logs.log(of: run)) } catch { throw StoreReading.runError(error) }
        isSame = view.identity.configurationHash == assembly.identity
        changes = isSame ? [] : try Self.changes(of: run, in: logs.root, to: text, file)
    }

    /// Decides the run again.
    ///
    /// - Throws: ``RunError``.
    func replay() throws -> DecisionReplay {
        do {
            let setup = try RunSession(assembly, feed: feed, observer: SilentObserver())
                .setup(deciding: view, folder: folder, isOther: !isSame)
            return try DecisionReplay(
                setup, names)
        } catch let error as RunFailure {
            throw RunError(error)
        } catch let error as StoreError {
            throw StoreReading.runError(error)
        }
    }

    // MARK: Another configuration

    /// - Returns: What differs from what the run was begun with, a line for each key.
    private static func changes(
        of run: String, in root: String, to text: String, _ file: String
    ) throws -> [String] {
        let path = RunFolder.configuration(of: run, in: root)
        let old = KeyedText(try YAMLDocument(path: path).root)
        let new = KeyedText(try YAMLDocument(file: file, bytes: Array(text.utf8)).root)
        for (what, list, key) in [
            ("accounts", "accounts", "id"), ("instruments", "instruments", "symbols"),
            ("strategies", "strategies", "name"), ("rules", "rules", "name"),
        ] {
            let (was, now) = (old.values(of: key, in: list), new.values(of: key, in: list))
            guard was != now else { continue }
            throw RunError(
                .refused,
                "run \(run) was decided for the \(what) \(was.joined(separator: ", ")); \(file) has "
                    + (now.isEmpty ? "none" : now.joined(separator: ", "))
                    + "\n  a log knows them by their place: give the same ones in the same order, and change"
                    + " what else you like")
        }
        return old.differences(to: new)
    }
}

/// The values of a document by their keys: `strategies[0].weight`.
struct KeyedText {
    private var texts: [(key: String, text: String)] = []

    init(_ root: YAMLNode) { add(root, "") }

    private mutating func add(_ node: YAMLNode, _ key: String) {
        switch node.content {
        case .scalar(let scalar): texts.append((key, scalar.text))
        case .sequence(let nodes):
            for (index, node) in nodes.enumerated() { add(node, "\(key)[\(index)]") }
        case .mapping(let entries):
            for entry in entries {
                add(entry.value, key.isEmpty ? entry.key : "\(key).\(entry.key)")
            }
        }
    }

    /// In their order: of each entry of a list the value of a key, or what that lists.
    func values(of key: String, in list: String) -> [String] {
        texts.compactMap { text in
            guard text.key.hasPrefix(list + "[") else { return nil }
            let rest = text.key.drop { $0 != "]" }.dropFirst()
            return rest == ".\(key)" || rest.hasPrefix(".\(key)[") ? text.text : nil
        }
    }

    func differences(to other: KeyedText) -> [String] {
        func known(_ texts: [(key: String, text: String)]) -> [String: String] {
            Dictionary(texts.map { ($0.key, $0.text) }, uniquingKeysWith: { first, _ in first })
        }
        let (was, now) = (known(texts), known(other.texts))
        return texts.compactMap { key, text in
            now[key] == text ? nil : "\(key) was \(text), now \(now[key] ?? "not given")"
        }
            + other.texts.filter { was[$0.key] == nil }.map {
                "\($0.key) was not given, now \($0.text)"
            }
    }
}
