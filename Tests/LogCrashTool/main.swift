import Glibc
import Ports
import Storage

// A process that the tests of the log kill, or run out of space:
//
//     LogCrashTool append FOLDER       appends for ever, printing each durable number
//     LogCrashTool fill FOLDER BYTES   the same, in files of at most so many bytes
//
// Record n holds n as eight bytes, n % 40 + 1 times. Exit code 3: the log failed, and the error
// stands on standard error.

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { exit(2) }
let identity = LogIdentity(kernelVersion: 1, configurationHash: "crash", runID: "crash")
let settings = LogSettings(segmentSize: 1 << 20, step: 1 << 16, waitingLimit: 1 << 20)

func fail(_ error: StoreError) -> Never {
    let text = "\(error.code) \(error)\n"
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(3)
}

if arguments[1] == "fill", arguments.count > 3, let bytes = UInt(arguments[3]) {
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    signal(SIGXFSZ, SIG_IGN)
    guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
}

do throws(StoreError) {
    let log =
        try SegmentedLog.exists(in: arguments[2])
        ? SegmentedLog.open(in: arguments[2], identity: identity, settings: settings)
        : SegmentedLog.create(in: arguments[2], identity: identity, settings: settings)
    log.onDurable { result in
        guard case .success(let number) = result else { return }
        // A closed pipe ends the process: its reader has gone.
        let line = "\(number)\n"
        guard line.withCString({ write(STDOUT_FILENO, $0, strlen($0)) }) > 0 else { exit(0) }
    }
    while true {
        let number = log.nextNumber
        let word = withUnsafeBytes(of: number.littleEndian) { Array($0) }
        try log.append(Array(repeatElement(word, count: Int(number % 40) + 1).joined()))
        // Or on a busy machine the first flush already holds more than the disk.
        if number == 1 { try log.flush() }
    }
} catch {
    fail(error)
}
