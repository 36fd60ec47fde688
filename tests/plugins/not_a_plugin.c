/* A shared object, but nothing of ours. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int not_a_plugin(void);

int not_a_plugin(void)
{
	return 1;
}
