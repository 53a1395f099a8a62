import Host
import Platform
import Ports
import StrategyServers

/// Who the servers of a run are: asked before it begins, all at once.
extension RunSession {
    func describe(
        _ parts: [RunAssembly.ServerPart]
    ) async throws -> [ServerDescription] {
        asked.withLock { $0 = parts.map(\.session) }
        defer { asked.withLock { $0 = [] } }
        if let reason = control.stopReason { stop(reason) }
        do {
            return try await descriptions(of: parts)
        } catch {
            guard let reason = control.stopReason else { throw error }
            throw RunError(.stopped, "\(reason), before the run began")
        }
    }

    /// In the order of the parts.
    private func descriptions(
        of parts: [RunAssembly.ServerPart]
    ) async throws -> [ServerDescription] {
        try await withThrowingTaskGroup(of: (Int, ServerDescription?, SessionError?).self) {
            group in
            for (index, part) in parts.enumerated() {
                let isPaired = assembly.configuration.strategies[part.index].standby != nil
                group.addTask(executorPreference: assembly.queue) {
                    let within = Duration.nanoseconds(part.server.startWithin)
                    do throws(SessionError) {
                        return (index, try await part.session.describe(within: within), nil)
                    } catch {
                        // Perhaps the other of the two is there.
                        guard isPaired, part.slot == .main, error.isAway else { throw error }
                        return (index, nil, error)
                    }
                }
            }
            var all: [Int: ServerDescription] = [:]
            var absent: [Int: SessionError] = [:]
            do {
                for try await (index, description, error) in group {
                    all[index] = description
                    absent[index] = error
                }
                try standIn(for: absent, parts, &all)
            } catch let error as SessionError {
                throw RunError(.server, "\(error)")
            }
            return parts.indices.compactMap { all[$0] }
        }
    }

    /// One of two servers is enough to begin with: who is away has to be what the other is, when it comes.
    private func standIn(
        for absent: [Int: SessionError], _ parts: [RunAssembly.ServerPart],
        _ all: inout [Int: ServerDescription]
    ) throws(SessionError) {
        for index in parts.indices {
            guard let error = absent[index] else { continue }
            let other = parts.indices.first {
                parts[$0].index == parts[index].index && parts[$0].shard == parts[index].shard
                    && parts[$0].seat == parts[index].seat.other
            }
            guard let other, let description = all[other], absent[other] == nil else { throw error }
            parts[index].session.expect(description)
            all[index] = description
            observer.notice(
                RunNotice(
                    .warning, time: .zero, source: parts[index].name,
                    text:
                        "\(parts[index].name) is away, and the run begins without it; it has to be the"
                        + " build that \(parts[other].name) is: \(oneLine(error.what))"))
        }
    }
}
