import Platform
import Ports
import Storage

/// The store's folder, its log and its tables; changes none of them.
struct StoreCheck: DoctorCheck {
    let name = "store"
    let code = ExitCode.store
    /// Every page of the tables and every record of a log are read.
    let timeout = Duration.seconds(60)

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        withConfiguration(environment) { configuration in
            let folder = environment.folder
            guard let state = environment.file(folder) else { return [absent(environment)] }
            guard state.isFolder else {
                return [
                    .wrong(
                        "\(folder) is no folder",
                        next: "move it away, or give another store: folder",
                        .store)
                ]
            }
            var findings = access(to: folder, state, environment)
            guard findings.allSatisfy({ $0.level != .wrong }) else { return findings }
            if findings.isEmpty { findings.append(.good("\(folder): mode 0700, ours")) }
            findings += killSwitch(environment)
            findings += standing(environment)
            // To ask the server would make the tables there, and this changes nothing.
            guard configuration.postgres == nil else {
                let place = configuration.store(environment.database).place
                return findings + [
                    .skipped(
                        "tables at \(place): madang store check holds them against the log, madang"
                            + " order list shows lockdowns")
                ]
            }
            return findings + tables(environment)
        }
    }

    // MARK: The folder

    private func absent(_ environment: DoctorEnvironment) -> Finding {
        let parent = environment.existingFolder(above: environment.folder)
        guard environment.isWritable(parent) else {
            return .wrong(
                "\(environment.folder) is not there, and \(parent) cannot be written",
                next: "make it: mkdir -m 700 \(environment.folder), or give another store: folder",
                .store)
        }
        return .good("\(environment.folder) is not there yet: the first madang run makes it")
    }

    private func access(
        to path: String, _ state: DoctorEnvironment.FileState, _ environment: DoctorEnvironment
    ) -> [Finding] {
        let kind = state.isFolder ? "700" : "600"
        if state.owner != environment.user {
            return [
                .wrong(
                    "\(path) belongs to user \(state.owner), this is user \(environment.user)",
                    next: "run madang as that user, or: chown -R \(environment.user) \(path)",
                    .store)
            ]
        }
        if state.mode & 0o022 != 0 {
            return [
                .wrong(
                    "\(path) can be changed by others: mode \(octal(state.mode))",
                    next: "chmod \(kind) \(path)", .store)
            ]
        }
        if state.mode & 0o077 != 0 {
            return [
                .warning(
                    "\(path) can be read by others: mode \(octal(state.mode))",
                    next: "chmod \(kind) \(path)")
            ]
        }
        let needed: UInt32 = state.isFolder ? 0o700 : 0o600
        guard state.mode & needed == needed else {
            return [
                .wrong(
                    "\(path) cannot be used by its owner: mode \(octal(state.mode))",
                    next: "chmod \(kind) \(path)", .store)
            ]
        }
        return []
    }

    private func octal(_ mode: UInt32) -> String {
        let digits = String(mode & 0o777, radix: 8)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    // MARK: Tables

    private func tables(_ environment: DoctorEnvironment) -> [Finding] {
        let path = environment.database
        guard let state = environment.file(path) else {
            return [.good("no tables yet: \(path) is made by the first run")]
        }
        let trouble = access(to: path, state, environment)
        guard trouble.allSatisfy({ $0.level != .wrong }) else { return trouble }
        let inspection: StoreInspection
        do throws(StoreError) {
            inspection = try environment.store(path)
        } catch {
            return trouble + [.wrong("\(error)", else: rebuild(path), .store)]
        }
        let present = StoreInspection.presentVersion
        if let damage = inspection.damage.first {
            return trouble + [
                .wrong("\(path) is damaged: \(damage)", next: rebuild(path), .store)
            ]
        }
        if inspection.version > present {
            return trouble + [
                .wrong(
                    "\(path) has schema \(inspection.version), this program knows schemas up to \(present)",
                    next: "use the program that wrote it, or a newer one", .store)
            ]
        }
        var findings = trouble
        if inspection.version < present {
            findings.append(
                .warning(
                    "\(path) has schema \(inspection.version), this program writes \(present)",
                    next:
                        "nothing is to be done: the next madang run brings it forward, rows and all"
                ))
            guard !inspection.runs.isEmpty else { return findings }
        }
        findings.append(
            .good(
                "\(path): schema \(inspection.version), whole, \(counted(inspection.runs.count, "run"))"
            ))
        return findings + logs(inspection.runs, environment)
    }

    private func rebuild(_ path: String) -> String {
        "move \(path) away (and -wal, -shm beside it): an unfinished run writes its tables again from its log"
    }

    // MARK: Logs

    /// Of the last run, and of those that have not ended.
    private func logs(_ runs: [StoredRun], _ environment: DoctorEnvironment) -> [Finding] {
        let open = runs.filter { $0.finished == nil }.suffix(4)
        let last = runs.suffix(1).filter { $0.finished != nil }
        return (Array(open) + last).map { log(of: $0, environment) }
    }

    private func log(of run: StoredRun, _ environment: DoctorEnvironment) -> Finding {
        let folder = "\(environment.folder)/runs/\(run.id)/log"
        let name = "run \(run.id)" + (run.finished == nil ? ", unfinished" : "")
        let seen: LogInspection?
        do throws(StoreError) {
            seen = try environment.log(folder)
        } catch {
            return .wrong(
                "\(name): \(error)", else: "begin again with madang run --fresh", .store)
        }
        guard let seen else {
            return run.finished == nil
                ? .wrong(
                    "\(name): its log is not there (\(folder))",
                    next: "bring it back, or begin again with madang run --fresh", .store)
                : .skipped("\(name): its log was removed; its tables stand")
        }
        return compare(name, run, seen)
    }

    private func compare(_ name: String, _ run: StoredRun, _ seen: LogInspection) -> Finding {
        let last = seen.recovery.lastNumber
        let words = "\(name): log of \(counted(Int(clamping: last), "record")) opens"
        if let owner = seen.owner { return .good("\(words), in use by process \(owner)") }
        if run.applied > last {
            return .warning(
                "\(words), but the tables are ahead of it, at \(run.applied)",
                next: "the next madang run makes the tables again from the log")
        }
        if let torn = seen.recovery.tornTail {
            return .warning(
                "\(words); a crash cut record \(torn.firstLost) short, nothing acknowledged is lost",
                next: "nothing is to be done: the next madang run sets the rest aside and goes on")
        }
        if run.applied < last, run.finished == nil {
            return .good(
                "\(words), free; the tables follow at the next start (\(run.applied) of \(last))")
        }
        return .good("\(words), free, tables level with it")
    }
}

extension DoctorEnvironment {
    /// The nearest folder above that is there.
    func existingFolder(above path: String) -> String {
        var path = path
        while let slash = path.lastIndex(of: "/") {
            path = String(path[..<slash])
            if path.isEmpty { return "/" }
            if file(path)?.isFolder == true { return path }
        }
        return base
    }
}
