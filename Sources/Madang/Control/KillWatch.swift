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
    /// What was handed on last.
    private let heard = Locked<KillOrder?>(nil)
    private let watch = Locked<FolderWatch?>(nil)

    init(_ killSwitch: KillSwitch, _ control: RunControl, observer: any RunObserver) {
        self.killSwitch = killSwitch
        self.control = control
        self.observer = observer
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
        if let order = try killSwitch.order() { pass(on: order) }
    }

    /// On the watching thread.
    private func look() {
        do {
            if let order = try killSwitch.order() { pass(on: order) }
        } catch {
            Self.tell("\(error)", observer)
        }
    }

    private func pass(on order: KillOrder) {
        // Who was late with an older one changes nothing. Handed on under the lock: two threads pass orders on.
        heard.withLock { heard in
            guard order.number != heard?.number,
                order.number > (heard?.number ?? .min) || heard?.number == .max
            else { return }
            heard = order
            control.kill(order)
        }
    }

    /// From inside, as by a signal: the run hears it at once, whatever the disk does. The folder's file is written on a
    /// thread of its own.
    func throwSwitch(_ reason: String) {
        control.kills.raise()
        heard.withLock { heard in
            var order = heard ?? KillOrder(number: 0, on: true, reason: reason)
            // Under the number of before: only the file gives out new ones.
            (order.on, order.reason, order.said) = (true, reason, reason)
            control.kill(order)
        }
        HostThread.start(named: "kill") { [self] in
            do {
                pass(on: try killSwitch.set(true, reason: reason))
            } catch {
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
