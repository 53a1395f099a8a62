import Glibc
import Host
import Platform
import Ports
import TradingModel

/// Brings what people say of exits to the run in hand.
final class ExitWatch: Sendable {
    private let file: ExitFile
    private let control: RunControl
    private let observer: any RunObserver
    private let seen: Locked<Int>
    private let watch = Locked<FolderWatch?>(nil)

    /// What was asked before was asked of another.
    init(_ file: ExitFile, _ control: RunControl, observer: any RunObserver) {
        self.file = file
        self.control = control
        self.observer = observer
        seen = Locked((try? file.request())?.number ?? 0)
        control.onExits { [file, observer] order, answer in
            let answer = ExitFile.Answer(
                number: order.number, process: getpid(), isTaken: answer.isTaken,
                words: answer.words)
            do { try file.write(answer) } catch { Self.tell("\(error)", observer) }
        }
    }

    func start() {
        let watch = FolderWatch(file.folder) { [weak self] in self?.look() }
        if watch == nil {
            Self.tell(
                "the system has no file watch left: 'madang exits' is not heard;"
                    + " see fs.inotify.max_user_instances", observer)
        }
        self.watch.withLock { $0 = watch }
    }

    /// On the watching thread.
    private func look() {
        do {
            guard let request = try file.request(), request.process == getpid() else { return }
            let isNew = seen.withLock { seen in
                defer { seen = max(seen, request.number) }
                return request.number > seen
            }
            guard isNew else { return }
            control.change(
                ExitOrder(number: request.number, request.wish, reason: request.reason))
        } catch {
            Self.tell("\(error)", observer)
        }
    }

    private static func tell(_ text: String, _ observer: any RunObserver) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }
}
