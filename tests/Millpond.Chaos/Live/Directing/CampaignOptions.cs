namespace Millpond.Chaos.Live.Directing;

/// <summary>What a campaign is.</summary>
internal sealed record CampaignOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>single, sentinel or cluster.</summary>
    public string Setup { get; init; } = "single";

    /// <summary>For how long accidents happen.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    public int Workers { get; init; } = 4;

    /// <summary>For how long a node is paused; it is cut off for half as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two accidents, at most.</summary>
    public TimeSpan CalmMax { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>From the last accident and write until everything is read: a change that could not be told is told again after 1.5 s at the latest, then two heartbeats and the stale time pass.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many commits there are at least, half of them before the first accident, however slow the machine is.</summary>
    public int CommitsMin { get; init; } = 100;

    /// <summary>Only accidents whose name contains this.</summary>
    public string Only { get; init; } = "";

    /// <summary>A bug to plant, or null.</summary>
    public string? Bug { get; init; }
}
