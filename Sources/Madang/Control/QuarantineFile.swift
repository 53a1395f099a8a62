import Foundation
import Platform
import Ports
import StrategyServers
import TradingModel

/// The strategy servers of a folder that nobody connects to: a small file, so that they stay so over
/// restarts, new runs and crashes, until somebody releases them.
///
/// A run adds an entry; `madang strategy release` marks it; who hears that, or finds no run, takes it out.
struct QuarantineFile {
    let folder: String
    /// Of who waits for a turn, in ms.
    var patience = 1_000

    struct Entry: Codable, Hashable {
        /// Rises with each quarantine of a folder: a release is for one of them.
        var number: Int
        var name: String
        var quarantine: ServerQuarantine
        var isReleased = false
        /// As the configuration gave them: with others it would be another server.
        var parameters: [String: String]
        var server: ServerPortrait
    }
    private struct Content: Codable {
        var last = 0
        var servers: [Entry] = []
    }

    var path: String { record.path }
    private var record: FolderRecord {
        FolderRecord(
            path: folder + "/quarantine.json", limit: 4_194_304, writer: "the host",
            advice: "put back what it held, or delete it: that releases every server")
    }
    /// Of a reason, in characters: it may be as long as a server likes.
    private static let longestReason = 2_000

    /// In the order in which they came.
    func entries() throws(RunError) -> [Entry] { try read().servers }

    /// Adds a server, instead of what stands under its name.
    func add(
        _ name: String, _ quarantine: ServerQuarantine, parameters: [String: String],
        _ description: ServerDescription
    ) throws(RunError) {
        var quarantine = quarantine
        quarantine.reason = String(quarantine.reason.prefix(Self.longestReason))
        try change { content in
            // The file may hold any number.
            content.last = content.last < .max ? content.last + 1 : 1
            content.servers.removeAll { $0.name == name }
            content.servers.append(
                Entry(
                    number: content.last, name: name, quarantine: quarantine,
                    parameters: parameters, server: ServerPortrait(description)))
        }
    }

    /// - Returns: The entry as marked; `nil` where there is none of that name.
    func markReleased(_ name: String) throws(RunError) -> Entry? {
        guard try entries().contains(where: { $0.name == name }) else { return nil }
        var marked: Entry?
        try change { content in
            guard let index = content.servers.firstIndex(where: { $0.name == name }) else { return }
            content.servers[index].isReleased = true
            marked = content.servers[index]
        }
        return marked
    }

    func remove(_ number: Int) throws(RunError) {
        try change { $0.servers.removeAll { $0.number == number } }
    }

    // MARK: The file

    private func change(_ body: (inout Content) -> Void) throws(RunError) {
        let turn = FolderTurn(folder + "/quarantine.lock", patience: patience)
        defer { withExtendedLifetime(turn) {} }
        var content = try read()
        body(&content)
        try record.write(content)
    }

    private func read() throws(RunError) -> Content { try record.read() ?? Content() }
}

/// Who a server was, as a file keeps it.
struct ServerPortrait: Codable, Hashable {
    struct Input: Codable, Hashable {
        /// `ticks`, `candles:1m`; `+`: unfinished ones too.
        var kind: String
        var warmUp: Int
    }
    var name: String
    var version: String
    var instanceID: String
    var modelName: String
    var modelVersion: String
    var modelHash: String
    var sdk: String
    var inputs: [Input]
    var readsAccount: Bool
    var independentInstruments: Bool
    /// `nil`: written before servers said so.
    var followsInstruments: Bool?
    var largestBatch: Int
    var parameterHash: String

    init(_ server: ServerDescription) {
        name = server.name
        version = server.version
        instanceID = server.instanceID
        modelName = server.modelName
        modelVersion = server.modelVersion
        modelHash = server.modelHash
        sdk = server.sdk
        inputs = server.inputs.map { Input(kind: Self.words($0.kind), warmUp: $0.warmUp) }
        readsAccount = server.readsAccount
        independentInstruments = server.independentInstruments
        followsInstruments = server.followsInstruments
        largestBatch = server.largestBatch
        parameterHash = server.parameterHash
    }

    /// `nil` where an input is none that this host knows.
    var description: ServerDescription? {
        let kinds = inputs.compactMap { input in
            Self.kind(input.kind).map { ServerInput($0, warmUp: input.warmUp) }
        }
        guard kinds.count == inputs.count else { return nil }
        return ServerDescription(
            name: name, version: version, instanceID: instanceID, modelName: modelName,
            modelVersion: modelVersion, modelHash: modelHash, sdk: sdk, inputs: kinds,
            readsAccount: readsAccount, independentInstruments: independentInstruments,
            largestBatch: largestBatch, parameterHash: parameterHash,
            followsInstruments: followsInstruments ?? false)
    }

    static func words(_ input: ServerInput.Kind) -> String {
        switch input {
        case .ticks: "ticks"
        case .quotes: "quotes"
        case .candles(let interval, let unfinished): "candles:\(interval)" + (unfinished ? "+" : "")
        case .timers(let interval): "timers:\(interval)"
        }
    }

    static func kind(_ words: String) -> ServerInput.Kind? {
        if words == "ticks" { return .ticks }
        if words == "quotes" { return .quotes }
        let parts = words.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let isUnfinished = parts[1].last == "+"
        guard let interval = Interval(isUnfinished ? parts[1].dropLast() : parts[1]) else {
            return nil
        }
        switch parts[0] {
        case "candles": return .candles(interval, unfinished: isUnfinished)
        case "timers": return isUnfinished ? nil : .timers(interval)
        default: return nil
        }
    }
}
