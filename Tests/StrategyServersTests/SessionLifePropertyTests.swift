import Ports
import TestKit
import Testing

@testable import StrategyServers

/// Random lives, held against what must hold of every one.
@Suite struct SessionLifePropertyTests {
    /// What is known of a life by its orders alone.
    private struct Watcher {
        var isConnected = false
        var isHeld = false
        var isOver = false
        /// The time before which nothing may be connected.
        var notBefore = Int64.min
        /// Of the last pause between two attempts without progress, its length without jitter.
        var pauseBefore: Int64 = 0
        var probes: [Int64] = []
        var phases: Set<String> = []
    }

    private static func policy(_ random: inout SeededRandom) -> LifePolicy {
        var policy = LifePolicy()
        policy.restart.first = .random(in: 1...100, using: &random)
        policy.restart.longest = .random(in: policy.restart.first...2_000, using: &random)
        policy.circuit.failures = .random(in: 1...6, using: &random)
        policy.circuit.probe = .random(in: 1...3_000, using: &random)
        policy.circuit.hung = .random(in: 1...3_000, using: &random)
        policy.quarantine.breaks = .random(in: 1...12, using: &random)
        policy.quarantine.violations = .random(in: 1...4, using: &random)
        policy.quarantine.within = .random(in: 1...20_000, using: &random)
        return policy
    }

    private static let kinds: [SessionLife.Break.Kind] = [
        .away, .away, .broken, .broken, .broken, .broken, .goodbye, .violation, .doubtful, .final,
    ]

    private static func event(_ random: inout SeededRandom) -> SessionLife.Event {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: random.oneIn(20) ? .stop : .time
        case 1: .begin
        case 2: .release
        case 3...4: .warming("w")
        case 5...11: .ready("r")
        case 12...15: .progress
        case 16...17: .late("l")
        case 18...20: .hung("h")
        case 21: .caughtUp("c")
        case 22...28: .broke(.init(kind: random.pick(kinds), reason: "b"))
        default: .time
        }
    }

    @Test(arguments: seeds(0..<60), [false, true])
    func whatMustHold(_ seed: UInt64, isLockstep: Bool) {
        var random = SeededRandom(seed &* 2 &+ (isLockstep ? 1 : 0))
        for _ in 0..<12 { Self.live(isLockstep: isLockstep, &random) }
    }

    @Test func everyPhaseIsReached() {
        var random = SeededRandom(1)
        var phases: Set<String> = []
        for turn in 0..<300 {
            phases.formUnion(Self.live(isLockstep: turn % 3 == 0, &random))
        }
        #expect(
            phases == [
                "new", "waiting", "connecting", "warming", "live", "slow", "hung", "open",
                "halfOpen", "quarantined", "draining", "stopped", "refused",
            ])
    }

    @discardableResult
    private static func live(isLockstep: Bool, _ random: inout SeededRandom) -> Set<String> {
        let policy = policy(&random)
        var life = SessionLife(policy, isLockstep: isLockstep)
        var watcher = Watcher()
        var now: Int64 = 0
        watcher.phases.insert(name(life.phase))
        for turn in 0..<150 {
            if !random.oneIn(3) { now += .random(in: 0...1_500, using: &random) }
            // It begins once; later words of a beginning change nothing.
            let event = turn == 0 ? .begin : event(&random)
            let before = life
            let answer = life.take(event, at: .init(monotonic: now, utc: now), draw: random.next())
            watcher.phases.insert(name(life.phase))
            check(event, answer, from: before, to: life, at: now, &watcher)
        }
        return watcher.phases
    }

    private static func check(
        _ event: SessionLife.Event, _ answer: SessionLife.Answer, from before: SessionLife,
        to life: SessionLife, at now: Int64, _ watcher: inout Watcher
    ) {
        let policy = life.policy
        if watcher.isOver {
            #expect(answer == .init() && life.phase == before.phase, "the end is the end")
            return
        }
        if event == .progress, before.phase != life.phase || life.hasProgress {
            watcher.pauseBefore = 0
        }
        if case .broke(let end) = event, watcher.isConnected {
            watcher.isConnected = false
            if end.kind == .goodbye { watcher.pauseBefore = 0 }
            #expect(answer.order != nil, "behind a break something follows")
        }
        switch answer.order {
        case .connect:
            #expect(!watcher.isConnected, "never two at once")
            #expect(!watcher.isHeld || event == .release, "quarantined until released")
            #expect(now >= watcher.notBefore || event == .release, "before its time")
            watcher.isConnected = true
            if watcher.isHeld { watcher.pauseBefore = 0 }
            watcher.isHeld = false
            if answer.word?.state == .probing {
                let last = watcher.probes.last ?? .min / 2
                #expect(now - last >= policy.circuit.probe, "a probe in each interval")
                watcher.probes.append(now)
            }
        case .wait(let until):
            #expect(!watcher.isConnected)
            watcher.notBefore = until
            let pause = until - now
            if answer.word?.state == .down {
                #expect((0...policy.restart.longest).contains(pause), "bounded")
                #expect(pause >= watcher.pauseBefore * 3 / 4, "monotone until progress")
                watcher.pauseBefore = max(watcher.pauseBefore, pause)
            } else {
                #expect(answer.word?.state == .open && pause == policy.circuit.probe)
                #expect(!life.isLockstep)
            }
        case .cut:
            #expect(watcher.isConnected && !life.isLockstep)
            #expect(before.cut == nil, "cut once")
        case .hold:
            #expect(!watcher.isConnected && !life.isLockstep)
            watcher.isHeld = true
            #expect(answer.word?.state == .quarantined, "told")
        case .drain: #expect(watcher.isConnected && event == .stop)
        case .finish:
            #expect(!watcher.isConnected)
            watcher.isOver = true
            watcher.isHeld = false
        case nil: break
        }
        #expect(life.phase.isQuarantined == watcher.isHeld)
        #expect(life.breaks.count <= policy.quarantine.breaks)
    }

    private static func name(_ phase: SessionLife.Phase) -> String {
        String("\(phase)".prefix { $0 != "(" })
    }
}
