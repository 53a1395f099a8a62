import Foundation
import Glibc
import Platform
import Ports
import StrategyServers

/// Starts and asks strategy servers for the doctor, away from those of a host at work, and leaves none behind.
///
/// A server that the host would launch is launched at a socket in a folder of its own: the configured one
/// may be in use. Nothing is asked twice; Describe changes nothing on either side.
final class DoctorServers: Sendable {
    private struct State {
        var environment: DoctorEnvironment?
        var assembly: RunAssembly?
        var parts: [RunAssembly.ServerPart]?
        var folder: String?
    }
    private let state = Locked(State())
    private let nursery = ProcessNursery()

    func use(_ environment: DoctorEnvironment) { state.withLock { $0.environment = environment } }

    /// - Throws: In words for people.
    func describe(_ strategy: Int) async throws -> DoctorEnvironment.ServerAnswer {
        let (assembly, parts) = try prepare()
        let own = parts.filter { $0.index == strategy }
        let mains = own.filter { $0.seat == .main }
        guard let last = mains.last else {
            throw DoctorEnvironment.Trouble(text: "no strategy server")
        }
        // Of several, the first that has something to be told of.
        for part in mains.dropLast() { _ = try await describe(part, assembly) }
        var answer = try await describe(last, assembly)
        for part in own where part.seat == .standby && answer.standby?.trouble.isEmpty != false {
            do {
                let standby = try await describe(part, assembly)
                answer.standby = .init(description: standby.description, took: standby.took)
            } catch {
                answer.standby = .init(trouble: "\(error)")
            }
        }
        return answer
    }

    private func describe(
        _ part: RunAssembly.ServerPart, _ assembly: RunAssembly
    ) async throws -> DoctorEnvironment.ServerAnswer {
        let start = assembly.clock.monotonic()
        let within = Duration.nanoseconds(min(part.server.startWithin, 60_000_000_000))
        let asking = Task(executorPreference: assembly.queue) {
            try await part.session.describe(within: within)
        }
        let result = await withTaskCancellationHandler {
            await asking.result
        } onCancel: {
            part.session.giveUp()
            asking.cancel()
        }
        let took = assembly.clock.monotonic() - start
        await part.session.stop(within: .seconds(1), reason: "the doctor has seen enough")
        return .init(description: try result.get(), took: took)
    }

    func execute(_ launch: ProcessLaunch) async throws -> DoctorEnvironment.ProgramEnd {
        let lines = Locked<[ProcessLine]>([])
        let child = try await nursery.launch(
            launch,
            onLine: { line in
                lines.withLock { if $0.count < 100 { $0.append(line) } }
            })
        let exit = await withTaskCancellationHandler {
            await child.waitForExit()
        } onCancel: {
            child.kill()
        }
        let all = lines.withLock { $0 }
        return .init(
            exit: exit, output: all.filter { $0.stream == .output }.map(\.text),
            errors: all.filter { $0.stream == .error }.map(\.text))
    }

    /// Ends whatever still runs, and waits for it.
    func end() async {
        let (assembly, parts, folder) = state.withLock { state in
            defer { state = State() }
            return (state.assembly, state.parts ?? [], state.folder)
        }
        for part in parts { part.session.giveUp() }
        await assembly?.queue.shutdown()
        assembly?.nursery.shutDown()
        nursery.shutDown()
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Made with the first question, for all.
    private func prepare() throws -> (RunAssembly, [RunAssembly.ServerPart]) {
        try state.withLock { state in
            if let assembly = state.assembly, let parts = state.parts { return (assembly, parts) }
            guard let environment = state.environment, var configuration = environment.configuration
            else { throw DoctorEnvironment.Trouble(text: "no configuration") }
            let folder = try Self.makeFolder()
            state.folder = folder
            for index in configuration.strategies.indices {
                if configuration.strategies[index].standby?.launch.isEmpty == false {
                    configuration.strategies[index].standby?.address =
                        "unix:\(folder)/\(index)-standby.sock"
                    configuration.strategies[index].standby?.shards = []
                }
                guard case .server(var server) = configuration.strategies[index].kind,
                    !server.launch.isEmpty
                else { continue }
                server.address = "unix:\(folder)/\(index).sock"
                // Of several that one command starts, one is tried.
                server.shards = []
                configuration.strategies[index].kind = .server(server)
                // One that is tried out is its author's to look at.
                configuration.strategies[index].candidate = nil
            }
            let assembly = RunAssembly(
                configuration: configuration, identity: "doctor", base: environment.base)
            let parts = try assembly.serverParts()
            (state.assembly, state.parts) = (assembly, parts)
            return (assembly, parts)
        }
    }

    /// Short: the path of a socket has 107 bytes.
    private static func makeFolder() throws -> String {
        var name = Array("/tmp/madang-doctor-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw DoctorEnvironment.Trouble(text: "no folder for sockets can be made in /tmp")
        }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension DoctorEnvironment.Trouble: CustomStringConvertible {
    var description: String { text }
}
