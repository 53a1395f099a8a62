import Host
import Platform
import Ports
import Storage
import StrategyServers

/// The run's tasks: the loop, and a session for each server.
extension RunSession {
    /// Feeds the sessions and runs the loop until either is over.
    func drive(
        _ setup: RunSetup, _ parts: [RunAssembly.ServerPart], _ versions: VersionKeeper
    ) async throws -> RunSummary {
        let journal = AccountJournal()
        var setup = setup
        if setup.speed == nil, !parts.isEmpty {
            setup.recording = SharedRecording(setup.recording)
        }
        let rings = zip(setup.sessions, parts).map { link, part in
            PacedRun.Feed(
                link: link,
                ring: RingFeed(
                    link.subscription, inputs: link.description.inputs,
                    overflow: part.server.overflow, capacity: part.server.queue))
        }
        let feeds: [any SessionFeed] =
            setup.speed == nil
            ? setup.sessions.map {
                ReplayFeed(setup.recording, setup.market, $0.subscription, journal)
            }
            : rings.map(\.ring)
        let sources = setup.plan.sources.count
        // A standby hears what its main server does.
        let given = zip(setup.sessions, feeds).filter { $0.0.seat == .main }.map {
            ($0.source, $0.slot, $1)
        }
        setup.given = {
            var slots = [VersionSlot: [Int?]]()
            for (source, slot, feed) in given {
                var counts = slots[slot] ?? [Int?](repeating: nil, count: sources)
                // Each shard hears events of its own.
                counts[Int(source.index)] = (counts[Int(source.index)] ?? 0) + feed.given
                slots[slot] = counts
            }
            // Two versions hear the same: as much as the one that has heard more.
            return (0..<sources).map { source in slots.values.compactMap { $0[source] }.max() }
        }
        setup.servers = figures(
            of: parts, setup, rings: setup.speed == nil ? [] : rings.map(\.ring))
        let snapshots = SnapshotKeeper(in: RunFolder.snapshots(of: setup.folder))
        do {
            let summary = try await drive(
                setup, parts, versions, feeds, rings, journal, snapshots)
            await snapshots.close()
            // Nobody goes on from a run that is over.
            if summary.end == "finished" { RunFolder.removeSnapshots(of: setup.folder) }
            return summary
        } catch {
            await snapshots.close()
            throw error
        }
    }

    /// By session, as they are asked for.
    private func figures(
        of parts: [RunAssembly.ServerPart], _ setup: RunSetup, rings: [RingFeed]
    ) -> @Sendable () -> [ServerFigures?] {
        let sessions = zip(parts, setup.sessions).map { ($0.session, $1) }
        return {
            var all = [ServerFigures?](repeating: nil, count: sessions.count)
            for (index, (session, link)) in sessions.enumerated() where link.slot == .main {
                var (figures, reached) = session.figures(version: link.description.version)
                if index < rings.count {
                    let position = reached ?? link.lane.resumePoint().watermark
                    figures.queue += rings[index].waiting(behind: position)
                }
                all[index] = figures
            }
            return all
        }
    }

    private func drive(
        _ setup: RunSetup, _ parts: [RunAssembly.ServerPart], _ versions: VersionKeeper,
        _ feeds: [any SessionFeed],
        _ rings: [PacedRun.Feed], _ journal: AccountJournal, _ snapshots: SnapshotKeeper
    ) async throws -> RunSummary {
        let newcomers = Newcomers(self, setup, journal)
        versions.serve { try await newcomers.bring($0, $1) }
        do {
            return try await drive(
                setup, parts, versions, newcomers, feeds, rings, journal, snapshots)
        } catch {
            await stop(newcomers.close(), reason: "the host stops")
            throw error
        }
    }

    private func drive(
        _ setup: RunSetup, _ parts: [RunAssembly.ServerPart], _ versions: VersionKeeper,
        _ newcomers: Newcomers, _ feeds: [any SessionFeed], _ rings: [PacedRun.Feed],
        _ journal: AccountJournal, _ snapshots: SnapshotKeeper
    ) async throws -> RunSummary {
        let begin = AsyncStream.makeStream(of: Void.self)
        let off = versions.off
        return try await withThrowingTaskGroup(of: RunSummary?.self) { group in
            group.addTask { [self, setup] in
                try await loop(setup, journal, rings) { [self] in
                    changes.withLock { $0 }?.start()
                    begin.continuation.finish()
                }
            }
            for (index, part) in parts.enumerated() where !off.contains(part.name) {
                let feed = feeds[index]
                let inbox = setup.sessions[index].lane
                group.addTask(executorPreference: assembly.queue) {
                    for await _ in begin.stream {}
                    guard !Task.isCancelled else { return nil }
                    await part.session.run(feed: feed, inbox: inbox, snapshots: snapshots)
                    return nil
                }
            }
            if let brokers = setup.brokers {
                group.addTask {
                    await brokers.run()
                    return nil
                }
            }
            group.addTask {
                await newcomers.run(snapshots)
                return nil
            }
            defer {
                begin.continuation.finish()
                newcomers.close()
            }
            while let result = try await group.next() {
                guard let summary = result else { continue }
                versions.stop()
                setup.brokers?.close()
                await stop(parts + newcomers.close(), reason: "the run is over")
                // Calls that have no answer still are asked for at the next start.
                if setup.brokers != nil { group.cancelAll() }
                return summary
            }
            throw RunError(.refused, "the run ended without a summary")
        }
    }

    /// The loop's own thread, as a task that waits for it.
    private func loop(
        _ setup: RunSetup, _ journal: AccountJournal, _ rings: [PacedRun.Feed],
        ready: @escaping @Sendable () -> Void
    ) async throws -> RunSummary {
        let work: @Sendable () throws(RunFailure) -> RunSummary
        if let speed = setup.speed {
            let run = PacedRun(setup, feeds: rings, speed: speed)
            work = { () throws(RunFailure) in try run.run(ready: ready) }
        } else {
            let run = LockstepRun(setup, journal: journal)
            work = { () throws(RunFailure) in try run.run(ready: ready) }
        }
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<RunSummary, RunFailure>, Never>) in
            HostThread.start(named: "loop") {
                do throws(RunFailure) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        do {
            var summary = try result.get()
            summary.mode = RunStart.replay(at: setup.speed)
            return summary
        } catch {
            throw RunError(error)
        }
    }
}
