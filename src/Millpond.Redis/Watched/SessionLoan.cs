namespace Millpond.Redis.Watched;

/// <summary>A session that one step has to itself.</summary>
internal readonly struct SessionLoan(SessionLanes lanes, SessionLanes.Lane lane, PooledSession session)
{
    public PooledSession Session => session;

    /// <summary>Gives it back.</summary>
    /// <param name="isInOrder">Whether it can be used again; else it is ended, and with it whatever was watched or begun on it.</param>
    public async ValueTask GiveBackAsync(bool isInOrder)
    {
        try
        {
            if (!isInOrder || !lanes.TryKeep(session))
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            lane.Places.Release();
        }
    }
}
