import StrategyWire

/// What a session of a check is opened with.
struct SessionSetting: Sendable {
    var session: String
    var epoch: UInt64 = 1
    var mode: PBConfigure.Mode = .backtest
    var parameters: [String: String] = [:]
    var parameterHash = ""
    var account = ""
    var watermark: UInt64 = 0
    var known: UInt64 = 0
    var instruments = Material.instruments
    var revision: UInt32 = 1
    var snapshot: [PBSnapshotPart] = []
    var textBytes: UInt32 = 1_024
    var resultsPerEvent: UInt32 = 64

    static let messageBytes = 1_048_576

    init(session: String) { self.session = session }

    var configure: PBConfigure {
        var message = PBConfigure()
        message.revision = revision
        message.session = session
        message.epoch = epoch
        message.mode = mode
        for (name, value) in parameters { message.parameters[name] = value }
        message.parameterHash = parameterHash
        message.instruments = instruments
        message.watermark = watermark
        message.known = known
        message.snapshotFollows = !snapshot.isEmpty
        message.account = account
        message.limits = PBLimits(
            messageBytes: UInt32(Self.messageBytes), resultsPerEvent: resultsPerEvent,
            textBytes: textBytes,
            logsPerSecond: 20, credit: 4_096, deadlineNs: mode == .backtest ? 0 : 200_000_000,
            snapshotBytes: 67_108_864)
        return message
    }

    /// The same session, connected again behind `watermark`.
    func again(watermark: UInt64, known: UInt64) -> SessionSetting {
        var setting = self
        setting.epoch += 1
        setting.watermark = watermark
        setting.known = known
        return setting
    }
}
