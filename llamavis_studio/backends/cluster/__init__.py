"""Backends on a Ray cluster: the same requests, spread over workers that keep the model loaded.

    RayHost            in the studio's process: a ``ModelHost``, hands batches over
      ClusterChild     in a process of its own: joins or starts Ray, so that nothing Ray does or
        Crew           prints (it ends its process when a cluster's head is lost) reaches the studio
          Worker       on any machine of the cluster: one loaded backend each

A worker draws exactly what a local build would draw as one batch, with the same number of threads:
sums round a little differently in batches of another size or on more threads, which is enough to
make one picture in some dozens another one.
"""
