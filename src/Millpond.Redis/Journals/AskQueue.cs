using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>Steps that wait for a lane, and whether somebody makes them.</summary>
internal sealed class AskQueue(Surroundings surroundings)
{
    private const int AsksMax = 256;
    private const long BytesMax = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<JournalAsk> _waiting = new();
    private bool _isRunning;
    private bool _isClosed;
    private TaskCompletionSource<bool>? _idle;

    /// <returns>Whether the caller has to see to it that somebody makes them.</returns>
    public bool Add(JournalAsk ask)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new JournalException(JournalFailure.Refused, "The journal has been closed, because its cache is being disposed. Write before the program stops.");
            }

            _waiting.Enqueue(ask);
            var isFirst = !_isRunning;
            _isRunning = true;
            return isFirst;
        }
    }

    /// <summary>The next group; null if there is none, and then whoever made them makes no more.</summary>
    public List<JournalAsk>? TakeNext()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
                _idle?.TrySetResult(true);
                return null;
            }

            var taken = new List<JournalAsk>(Math.Min(AsksMax, _waiting.Count));
            long bytes = 0;
            while (taken.Count < AsksMax && _waiting.TryPeek(out var next) && (taken.Count == 0 || bytes + next.Bytes <= BytesMax))
            {
                bytes += next.Bytes;
                taken.Add(_waiting.Dequeue());
            }

            return taken;
        }
    }

    /// <summary>Takes no more, and returns when nothing is under way.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (!_isRunning)
            {
                return Task.CompletedTask;
            }

            _idle ??= surroundings.NewCompletion<bool>();
            return _idle.Task;
        }
    }
}
