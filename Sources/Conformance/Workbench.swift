package import GRPCTransport
package import Platform
package import Ports
import StrategyWire

/// A strategy server under test, and what the checks share of it. One check at a time.
package final class Workbench: Sendable {
    /// How a server is reached and asked.
    package struct Settings: Sendable {
        package var target: Target
        package var security = Security.insecure
        package var token: BearerToken?
        /// Overrides of the server's parameters, for every session.
        package var parameters: [String: String] = [:]
        /// For each single answer.
        package var patience = Duration.seconds(10)
        /// From Configure to Ready: a model may load its weights in it.
        package var startPatience = Duration.seconds(60)
        package init(target: Target) { self.target = target }
    }
    let settings: Settings
    let channel: Channel
    let clock: any TimeSource
    private let digest: any Digest
    let program: ServerProgram?
    /// Sessions of an earlier run must not go on in this one.
    private let runName: String

    private struct State {
        var description: PBDescribeResponse?
        var runs: [String: Trial] = [:]
        var opened: [Trial] = []
        var sessions = 0
        var check = ""
    }
    private let state = Locked(State())

    /// - Parameter program: How the server is started anew; `nil`: somebody else has started it.
    package init(
        _ settings: Settings, on queue: CompletionQueue, program: ServerProgram? = nil,
        clock: any TimeSource, digest: any Digest
    ) throws {
        self.settings = settings
        self.program = program
        self.clock = clock
        self.digest = digest
        runName = String(UInt64(bitPattern: clock.utc()), radix: 36)
        channel = try Channel(
            ChannelConfiguration(
                target: settings.target, security: settings.security, token: settings.token,
                maxReceiveBytes: SessionSetting.messageBytes),
            on: queue)
    }

    /// Ends every stream that is still open.
    package func close() async { await channel.close() }

    /// Connects, and waits until the server is there.
    ///
    /// - Throws: ``Unreachable``.
    package func reach(within limit: Duration) async throws {
        let end = clock.monotonic() + nanoseconds(limit)
        while true {
            if let exit = program?.exit { throw Unreachable("the server \(exit)", program) }
            do {
                try await channel.waitUntilReady(timeout: .milliseconds(200))
                // A connection to a process that has just ended looks ready until it is used.
                let isThere = try await isThere()
                if isThere { return }
                throw Unreachable("nobody answers at \(settings.target)", program)
            } catch {
                guard clock.monotonic() < end, !Task.isCancelled else {
                    throw Unreachable("\(error)", program)
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            channel.retryNow()
        }
    }

    /// Whether somebody answers Describe, with whatever.
    private func isThere() async throws -> Bool {
        do {
            _ = try await channel.unary(
                PBStrategyServer.describePath, PBDescribeRequest().encoded(),
                timeout: .seconds(1))
            return true
        } catch { return error.code != .unavailable }
    }

    // MARK: Questions

    func begin(_ check: String) { state.withLock { $0.check = check } }

    /// Leaves no session of the check behind: drained where it still answers, else cut.
    func tidyUp() async {
        let opened = state.withLock { state in
            defer { state.opened = [] }
            return state.opened
        }
        for trial in opened where trial.transcript.end == nil {
            if trial.transcript.readies.isEmpty == false {
                await trial.send(.drain(PBDrain(withinNs: 500_000_000, reason: "checked")))
                _ = try? await trial.end(sent: "Drain", within: .milliseconds(500))
            }
            await trial.cut()
        }
    }

    /// Asks anew.
    func askDescription(
        _ change: (inout PBDescribeRequest) -> Void = { _ in }, raw: [UInt8] = []
    ) async throws -> PBDescribeResponse {
        var request = PBDescribeRequest()
        request.host = "madang strategy check"
        request.revisions = PBRevisionRange(lowest: 1, highest: 1)
        for (name, value) in settings.parameters { request.parameters[name] = value }
        change(&request)
        let reply = try await unary(
            PBStrategyServer.describePath, request.encoded() + raw, sent: "Describe")
        do {
            return try PBDescribeResponse(decoding: reply)
        } catch {
            throw Obstacle(sent: "Describe", came: "bytes that are no DescribeResponse: \(error)")
        }
    }

    /// One request, one answer within 5 s.
    func unary(_ method: String, _ request: [UInt8], sent: String) async throws -> [UInt8] {
        do {
            let reply = try await channel.unary(
                method, request, timeout: .seconds(5),
                waitsForReady: true)
            return reply.copyBytes()
        } catch {
            throw Obstacle(
                sent: sent, came: words((code: "\(error.code)", text: error.status.message)))
        }
    }

    /// Who the server is, asked once.
    func description() async throws -> PBDescribeResponse {
        if let known = state.withLock({ $0.description }) { return known }
        let description = try await askDescription()
        state.withLock { $0.description = description }
        return description
    }

    /// A new process may say another instance.
    func forgetDescription() { state.withLock { $0.description = nil } }

    // MARK: Sessions

    /// A session that no other check has, with what Describe wants in it.
    func setting(_ mode: PBConfigure.Mode = .backtest) async throws -> SessionSetting {
        let description = try await description()
        let (number, check) = state.withLock { state in
            state.sessions += 1
            return (state.sessions, state.check)
        }
        var setting = SessionSetting(session: "check/\(runName)/\(check)/\(number)")
        setting.mode = mode
        setting.parameters = settings.parameters
        setting.parameterHash = hash(of: settings.parameters, description)
        setting.account = description.readsAccount ? "check" : ""
        return setting
    }

    /// The contract's name for the parameters in force.
    func hash(of overrides: [String: String], _ description: PBDescribeResponse) -> String {
        var values: [String: String] = [:]
        for parameter in description.parameters { values[parameter.name] = parameter.defaultValue }
        values.merge(overrides) { $1 }
        let names = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let text = names.map { "\($0)=\(values[$0] ?? "")\n" }.joined()
        let hex = digest.sha256(Array(text.utf8)).prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return hex.joined()
    }

    /// A stream on which nothing was sent yet.
    func open(_ setting: SessionSetting) throws -> Trial {
        let stream = try channel.openStream(
            PBStrategyServer.runPath,
            options: ClientStream.Options(sendCapacity: 4_096, waitsForReady: true))
        let trial = Trial(
            setting, on: stream, clock: clock, patience: settings.patience,
            startPatience: settings.startPatience)
        state.withLock { $0.opened.append(trial) }
        return trial
    }

    /// A stream behind its first Ready.
    func start(_ setting: SessionSetting, sent: String = "Configure") async throws -> Trial {
        let trial = try open(setting)
        await trial.configure()
        try await trial.ready(sent: sent)
        return trial
    }

    /// The answer of `make` under `name`, made once.
    func once(_ name: String, _ make: () async throws -> Trial) async throws -> Trial {
        if let known = state.withLock({ $0.runs[name] }) { return known }
        let made = try await make()
        state.withLock { $0.runs[name] = made }
        return made
    }
}

/// There is no server to check.
package struct Unreachable: Error, CustomStringConvertible {
    package let description: String
    init(_ what: String, _ program: ServerProgram?) {
        let lines = program?.lines.suffix(10) ?? []
        description = ([what] + lines.map { "  | \($0)" }).joined(separator: "\n")
    }
}
