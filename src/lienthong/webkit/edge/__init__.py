"""The guarded HTTP edge (Starlette and uvicorn): server, bodies, refusals as problem documents, ranges."""
