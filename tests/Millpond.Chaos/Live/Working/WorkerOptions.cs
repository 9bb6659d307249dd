using System.Globalization;

namespace Millpond.Chaos.Live.Working;

/// <summary>What a worker is started with.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Its number, never used twice in a campaign.</summary>
    public required int Process { get; init; }

    public required int Seed { get; init; }

    /// <summary>The configuration string of the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>The folder of the database and the histories.</summary>
    public required string Folder { get; init; }

    public int Callers { get; init; } = 8;

    /// <summary>One of <see cref="BrokenTiers"/>, or null.</summary>
    public string? Bug { get; init; }

    public string DatabasePath => Path.Combine(Folder, "database.db");

    public string HistoryPath => HistoryPathOf(Folder, Process);

    public static string HistoryPathOf(string folder, int process) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"process-{process}.history"));

    /// <summary>As arguments of this program; <see cref="Parse"/> reads them.</summary>
    public string[] Arguments() => ["worker", Text(Process), Text(Seed), Engine, Folder, Text(Callers), Bug ?? "none"];

    public static WorkerOptions Parse(string[] arguments) => new()
    {
        Process = Number(arguments[1]),
        Seed = Number(arguments[2]),
        Engine = arguments[3],
        Folder = arguments[4],
        Callers = Number(arguments[5]),
        Bug = arguments[6] == "none" ? null : arguments[6],
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
