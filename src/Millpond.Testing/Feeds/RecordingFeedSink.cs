using System.Globalization;
using Millpond.Feeds;

namespace Millpond.Testing.Feeds;

/// <summary>A sink that writes down what a feed tells and confirms what the test says, to judge a feed without a cache.</summary>
/// <param name="tables">What the feed is to follow.</param>
public sealed class RecordingFeedSink(params IReadOnlyList<FeedTable> tables) : IFeedSink
{
    private readonly Lock _gate = new();
    private readonly List<ToldTransaction> _transactions = [];
    private readonly List<(FeedPosition Position, TaskCompletionSource Done)> _waiting = [];
    private readonly List<FeedState> _states = [];
    private FeedPosition? _confirmed;
    private FeedPosition? _visible;
    private int _beats;

    /// <inheritdoc/>
    public IReadOnlyList<FeedTable> Tables => tables;

    /// <summary>Whether everything is confirmed as soon as it is told and visible.</summary>
    public bool ConfirmsAtOnce { get; init; }

    /// <inheritdoc/>
    public FeedPosition? Confirmed
    {
        get
        {
            lock (_gate)
            {
                return _confirmed;
            }
        }
    }

    /// <summary>The transactions committed so far, in order.</summary>
    public IReadOnlyList<ToldTransaction> Transactions => Locked(() => _transactions.ToArray());

    /// <summary>The states told so far, in order.</summary>
    public IReadOnlyList<FeedState> States => Locked(() => _states.ToArray());

    /// <summary>How many signs of life there were.</summary>
    public int Heartbeats => Locked(() => _beats);

    /// <summary>The highest place that was said to be visible, in a commit or apart.</summary>
    public FeedPosition? VisibleTo => Locked(() => _visible);

    /// <summary>Whether a place came that is earlier than one before it.</summary>
    public bool RanBack { get; private set; }

    /// <summary>Confirms everything up to a place.</summary>
    /// <param name="position">The place.</param>
    public void Confirm(FeedPosition position)
    {
        lock (_gate)
        {
            _confirmed = position;
            foreach (var (_, done) in _waiting.Where(one => one.Position.CompareTo(position) <= 0).ToArray())
            {
                done.TrySetResult();
            }
        }
    }

    /// <inheritdoc/>
    public Task WhenConfirmedAsync(FeedPosition position)
    {
        lock (_gate)
        {
            if (_confirmed is { } confirmed && confirmed.CompareTo(position) >= 0)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((position, done));
            return done.Task;
        }
    }

    /// <inheritdoc/>
    public void OnState(FeedState state, string detail) => Locked(() => _states.Add(state));

    /// <summary>Where the run began; null if it was not said.</summary>
    public (FeedPosition Position, string History)? Start { get; private set; }

    /// <inheritdoc/>
    public void StartAt(FeedPosition position, string history) => Locked(() => Start = (position, history));

    /// <inheritdoc/>
    public IFeedTransaction Begin() => new ToldTransaction();

    /// <inheritdoc/>
    public void Commit(IFeedTransaction transaction, in FeedCommit commit)
    {
        var told = (ToldTransaction)transaction;
        told.Commit = commit;
        lock (_gate)
        {
            RanBack |= _transactions.Count > 0 && _transactions[^1].Commit.Position.CompareTo(commit.Position) > 0;
            _transactions.Add(told);
        }

        if (commit.IsVisible)
        {
            Visible(commit.Position);
        }
    }

    /// <inheritdoc/>
    public void Visible(FeedPosition upTo)
    {
        Locked(() => _visible = upTo);
        if (ConfirmsAtOnce)
        {
            Confirm(upTo);
        }
    }

    /// <summary>The home database's place that was told last; null if none was.</summary>
    public HomePosition? Home { get; private set; }

    /// <inheritdoc/>
    public void Reaches(FeedPosition position, HomePosition home) => Locked(() => Home = home);

    /// <inheritdoc/>
    public void Heartbeat(FeedPosition position, TimeSpan age)
    {
        bool confirms;
        lock (_gate)
        {
            _beats++;
            confirms = ConfirmsAtOnce && (_transactions.Count == 0 || (_visible is { } visible && visible.CompareTo(_transactions[^1].Commit.Position) >= 0));
        }

        if (confirms)
        {
            Confirm(position);
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Locked(Action write)
    {
        lock (_gate)
        {
            write();
        }
    }
}

/// <summary>A transaction as a <see cref="RecordingFeedSink"/> was told it.</summary>
public sealed class ToldTransaction : IFeedTransaction
{
    private readonly List<string> _rows = [];
    private readonly List<FeedDoubt> _doubts = [];

    /// <summary>Where it was committed.</summary>
    public FeedCommit Commit { get; internal set; }

    /// <summary>Each row as text: <c>Update public.t id=1 note=a -&gt; id=1 note=b</c>, absent columns left out and null written <c>null</c>.</summary>
    public IReadOnlyList<string> Rows => _rows;

    /// <summary>What was not known.</summary>
    public IReadOnlyList<FeedDoubt> Doubts => _doubts;

    /// <summary>The columns that rows are written down with; those that no row has are left out.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["id", "grp", "note"];

    /// <inheritdoc/>
    public void Add(in RowChange row)
    {
        var images = new[] { row.Old, row.New }.OfType<RowValues>().Select(Say);
        _rows.Add($"{row.Kind} {row.Table} {string.Join(" -> ", images)}".TrimEnd());
    }

    /// <inheritdoc/>
    public void Doubt(FeedDoubt doubt) => _doubts.Add(doubt);

    private static string Say(RowValues row) =>
        string.Join(' ', Columns.Where(row.Has).Select(column => $"{column}={Convert.ToString(row[column] ?? "null", CultureInfo.InvariantCulture)}"));
}
