using Millpond.Runtime;

namespace Millpond.Sessions;

/// <summary>Asks a database where it stands, once for all who wait: whoever comes while it is being asked has the next answer, because the one under way may have been given before what he wants to know.</summary>
internal sealed class PositionAsk(Func<CancellationToken, ValueTask<HomePosition>> ask, Surroundings surroundings, CancellationToken lifetime)
{
    private readonly Lock _gate = new();
    private List<TaskCompletionSource<HomePosition>> _waiting = [];
    private bool _asks;

    public Task<HomePosition> AskAsync(CancellationToken cancellationToken)
    {
        var answer = surroundings.NewCompletion<HomePosition>();
        bool begins;
        lock (_gate)
        {
            _waiting.Add(answer);
            (begins, _asks) = (!_asks, true);
        }

        if (begins)
        {
            _ = AskAllAsync();
        }

        return surroundings.WaitAsync(answer.Task, cancellationToken);
    }

    private async Task AskAllAsync()
    {
        while (TryTake(out var answers))
        {
            try
            {
                var position = await ask(lifetime).ConfigureAwait(false);
                answers.ForEach(answer => answer.TrySetResult(position));
            }
            catch (Exception failure)
            {
                answers.ForEach(answer => answer.TrySetException(failure));
            }
        }
    }

    private bool TryTake(out List<TaskCompletionSource<HomePosition>> answers)
    {
        lock (_gate)
        {
            (answers, _waiting) = (_waiting, []);
            return _asks = answers.Count > 0;
        }
    }
}
