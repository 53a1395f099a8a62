import Dispatch
import Glibc
import Host
import Platform
import Ports
import TradingModel

/// Brings the kill switch of the folder to the run in hand, at its start and whenever it is turned.
final class KillWatch: Sendable {
    private let killSwitch: KillSwitch
    private let control: RunControl
    private let observer: any RunObserver
    private let keeping: DispatchGroup
    private let hearing = Locked(KillHearing())
    /// A file is read and handed on in one turn: one that was read earlier and handed on later would pass for one that was
    /// put back. Whoever throws the switch from inside waits for no turn, for a disk may hang.
    private let turn = Locked(())
    private let watch = Locked<FolderWatch?>(nil)

    /// - Parameter keeping: What is being written: no process ends in the middle of it.
    init(
        _ killSwitch: KillSwitch, _ control: RunControl, observer: any RunObserver,
        keeping: DispatchGroup = DispatchGroup()
    ) {
        self.killSwitch = killSwitch
        self.control = control
        self.observer = observer
        self.keeping = keeping
        control.onHeard { [killSwitch, observer] order, did in
            let answer = KillSwitch.Answer(order: order, did: did, process: getpid())
            do { try killSwitch.write(answer) } catch { Self.tell("\(error)", observer) }
        }
    }

    /// - Throws: When the switch cannot be read: a run must not begin in doubt about it.
    func start() throws(RunError) {
        let watch = FolderWatch(killSwitch.folder) { [weak self] in self?.look() }
        if watch == nil {
            Self.tell(
                "the system has no file watch left: 'madang kill' is heard at the next start only;"
                    + " see fs.inotify.max_user_instances", observer)
        }
        self.watch.withLock { $0 = watch }
        // One that cannot be read is answered anew.
        control.killHeard = (try? killSwitch.answer())?.order
        try takeTurn { control.killAtStart = $0 }
    }

    /// On the watching thread.
    private func look() {
        do { try takeTurn { _ in } } catch { Self.tell("\(error)", observer) }
    }

    private func takeTurn(_ first: (KillOrder) -> Void) throws(RunError) {
        try turn.withLock { _ throws(RunError) in
            guard let order = try killSwitch.order() else { return }
            first(order)
            pass(on: order)
        }
    }

    private func pass(on order: KillOrder) {
        // Handed on under the lock: two threads pass orders on.
        let known: Int? = hearing.withLock { hearing in
            let known = hearing.last?.number
            guard let news = hearing.take(order) else { return nil }
            control.kill(news.order)
            return news.isBehind ? known : nil
        }
        guard let known else { return }
        Self.tell(
            "kill-switch.json has order \(order.number), and order \(known) was heard before: it was"
                + " removed or put back. What it stops is stopped, and it lets nothing go:"
                + " say it again", observer)
    }

    /// From inside, as by a signal: the run hears it at once, whatever the disk does. The folder's file is written on a
    /// thread of its own.
    func throwSwitch(_ reason: String) {
        control.kills.raise()
        hearing.withLock { control.kill($0.throwSwitch(reason, behind: control.killHeard)) }
        keeping.enter()
        HostThread.start(named: "kill") { [self] in
            defer { keeping.leave() }
            do {
                let number = try killSwitch.set(true, reason: reason).number
                hearing.withLock { $0.kept(as: number) }
                look()
            } catch {
                let order = try? killSwitch.order()
                hearing.withLock { $0.notKept(behind: order) }
                Self.tell(
                    "the kill switch is on in this run, and cannot be kept in the folder: \(error)",
                    observer)
            }
        }
    }

    private static func tell(_ text: String, _ observer: any RunObserver) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }
}
