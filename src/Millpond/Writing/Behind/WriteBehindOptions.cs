namespace Millpond;

/// <summary>How write-behind gathers, waits and gives up.</summary>
public sealed record WriteBehindOptions
{
    /// <summary>How many records a batch takes from the journal at most: 1 to 100,000. Of several for one key one goes to the source. Default 1,000.</summary>
    public int BatchRecordsMax { get; set; } = 1000;

    /// <summary>How long the first record of a batch waits for others, while the journal has no full batch: 0 to 1 hour. Default 100 ms.</summary>
    public TimeSpan FlushDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many records the journal may hold that are not flushed; dead letters do not count. Past it writes wait. Default 100,000.</summary>
    public long PendingRecordsMax { get; set; } = 100_000;

    /// <summary>How many bytes of keys and values the journal may hold for the source, dead letters included. Past it writes wait. Default 64 MiB.</summary>
    public long PendingBytesMax { get; set; } = 64L << 20;

    /// <summary>How long a write waits for room in the journal before it is refused (MP1406). Zero refuses at once. Default 1 s.</summary>
    public TimeSpan FullWaitMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>From which age of the oldest record on an alarm is raised: a log line, and the health check says degraded. Default 30 s.</summary>
    public TimeSpan LagAlarm { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many dead letters are kept. Past it nothing more is put aside, so the next record that the source refuses holds up all behind it, under the alarm. Default 10,000.</summary>
    public int DeadLettersMax { get; set; } = 10_000;

    /// <summary>
    /// For a sink that is a function, and throws what is no <see cref="Sinks.SinkException"/>: how often a record must fail alone, each time with another record taken after it, before it is a dead letter; 1 to 1,000, the last
    /// one after <see cref="PoisonTimeMin"/>. Other sinks say what they refuse. Default 5.
    /// </summary>
    public int PoisonAttemptsMin { get; set; } = 5;

    /// <summary>For how long it must fail so; nothing behind it but those others is flushed meanwhile. Up to 1 day; <see cref="Timeout.InfiniteTimeSpan"/> tries it for ever. Default 1 min.</summary>
    public TimeSpan PoisonTimeMin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause between two attempts while the source fails; the first is 50 ms, and each is drawn at random from half of its time on. Default 10 s.</summary>
    public TimeSpan RetryPauseMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the end of the program waits for the journal to be flushed. What is left then is flushed after the next start. Default 10 s.</summary>
    public TimeSpan DrainMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Every fault of these options.</summary>
    internal IEnumerable<string> Faults(string place)
    {
        (bool Holds, string Rule)[] rules =
        [
            (BatchRecordsMax is >= 1 and <= 100_000, $"BatchRecordsMax is {BatchRecordsMax}; give 1 to 100,000."),
            (FlushDelay >= TimeSpan.Zero && FlushDelay <= TimeSpan.FromHours(1), $"FlushDelay is {FlushDelay}; give 0 to 1 hour."),
            (PendingRecordsMax >= 1, $"PendingRecordsMax is {PendingRecordsMax}; give 1 or more."),
            (PendingBytesMax >= 1, $"PendingBytesMax is {PendingBytesMax}; give 1 or more."),
            (FullWaitMax >= TimeSpan.Zero && FullWaitMax <= TimeSpan.FromMinutes(10), $"FullWaitMax is {FullWaitMax}; give 0 to 10 minutes."),
            (LagAlarm > TimeSpan.Zero, $"LagAlarm is {LagAlarm}; give more than 0."),
            (DeadLettersMax >= 0, $"DeadLettersMax is {DeadLettersMax}; give 0 or more."),
            (PoisonAttemptsMin is >= 1 and <= 1_000, $"PoisonAttemptsMin is {PoisonAttemptsMin}; give 1 to 1,000."),
            ((PoisonTimeMin >= TimeSpan.Zero && PoisonTimeMin <= TimeSpan.FromDays(1)) || PoisonTimeMin == Timeout.InfiniteTimeSpan, $"PoisonTimeMin is {PoisonTimeMin}; give 0 to 1 day, or Timeout.InfiniteTimeSpan."),
            (RetryPauseMax >= TimeSpan.FromMilliseconds(50) && RetryPauseMax <= TimeSpan.FromHours(1), $"RetryPauseMax is {RetryPauseMax}; give 50 ms to 1 hour."),
            (DrainMax >= TimeSpan.Zero && DrainMax <= TimeSpan.FromHours(1), $"DrainMax is {DrainMax}; give 0 to 1 hour."),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => $"{place}: {rule.Rule}");
    }
}
